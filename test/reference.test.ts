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

test("no page of a removed feature is left", () => {
    const written = fs.readdirSync("docs/reference/http-api").map((name) => `docs/reference/http-api/${name}`)
    expect(written.filter((file) => !pages.has(file))).toEqual([])
})

test("each event has a meaning", () => {
    expect(meaningFaults(house)).toEqual([])
})
