/** Checks that each listed abuse case is named, by its id, in the title of a test or scene that shows its outcome. */
import fs from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import list from "./vectors/abuse-cases.json" with { type: "json" }
import { parseScript } from "./http/script.ts"

const root = path.join(import.meta.dirname, "..")
const files = ["packages", "server/src", "web/src", "test"].flatMap((folder) =>
    fs.readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
)
const textOf = (file: string) => fs.readFileSync(path.join(root, file), "utf8")
const idsIn = (text: string) => [...text.matchAll(/\b[A-G]-\d\d\b/g)].map(([id]) => id)

/** Quoted texts of tests that begin with an id: titles, and rows of tables that become titles. */
const titles = [
    ...files
        .filter((file) => /^test\/http\/.*\.txt$/.test(file))
        .flatMap((file) => parseScript(textOf(file)).map(({ title }) => title)),
    ...files
        .filter((file) => file.endsWith(".test.ts"))
        .flatMap((file) => [...textOf(file).matchAll(/"([A-G]-\d\d [^"\n]*)"/g)].map(([, title = ""]) => title)),
]
const named = new Set(titles.flatMap(idsIn))

test.each(Object.entries(list))("%s: %s", (id) => {
    expect(named).toContain(id)
})

test("no test names an unlisted case", () => {
    expect([...named].filter((id) => !Object.keys(list).includes(id))).toEqual([])
})
