/** The generated reference pages are current; `npm run fix` writes them. */
import fs from "node:fs"
import { expect, test } from "vitest"
import { meaningFaults } from "../scripts/reference/events.ts"
import { renderReferencePages } from "../scripts/reference/pages.ts"
import { readHouse } from "./architecture/source.ts"

const house = readHouse()
const pages = await renderReferencePages(house)

test.each([...pages.keys()])("%s is current, else run `npm run fix`", (file) => {
    expect(fs.readFileSync(file, "utf8")).toBe(pages.get(file))
})

test("each page of the HTTP API names the errors of its feature, and who may call each route", () => {
    for (const feature of ["cases", "partners", "sightings", "inquiries"]) {
        expect(pages.get(`docs/reference/http-api/${feature}.md`)).toContain("Errors of this feature: [")
    }
    const withoutRole = [...pages.values()].flatMap((page) => page.match(/.*\| (?:console|portal): +\|$/gm) ?? [])
    expect(withoutRole).toEqual([])
})

test("no page of a removed feature is left", () => {
    const written = fs.readdirSync("docs/reference/http-api").map((name) => `docs/reference/http-api/${name}`)
    expect(written.filter((file) => !pages.has(file))).toEqual([])
})

test("each event has a meaning", () => {
    expect(meaningFaults(house)).toEqual([])
})
