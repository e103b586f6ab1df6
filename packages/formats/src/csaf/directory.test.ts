import { expect, test } from "vitest"
import { publicCollection } from "./document.ts"
import { directoryPage, yearPage } from "./directory.ts"

const collection = publicCollection("2.0")
const files = ["2024/b.json", "2025/a.json", "2025/c.json"]
const links = (page: string | null) => [...(page ?? "").matchAll(/<a href="([^"]*)"/g)].map(([, href = ""]) => href)

test("a folder links to its lists and to each year once, newest first", () => {
    const names = ["index.txt", "changes.csv", "feed-white.json", "2025/", "2024/"]
    expect(links(directoryPage(collection, files, "/csaf/white/"))).toEqual(names)
    expect(links(directoryPage(collection, [], "/csaf/white/"))).toHaveLength(3)
})

test.each(["/csaf/white", "/csaf/white/"])("links lead from %s into the folder", (address) => {
    const from = new URL(address, "https://portal.example")
    for (const href of links(directoryPage(collection, files, address))) {
        expect(new URL(href, from).pathname).toMatch(/^\/csaf\/white\/[\w.-]+\/?$/)
    }
})

test("a year links to its documents, hashes and signatures", () => {
    const beside = (name: string, endings: string[]) => endings.map((ending) => `${name}${ending}`)
    const endings = ["", ".sha256", ".sha512"]
    expect(links(yearPage(collection, "2025", files, false))).toEqual([
        ...beside("a.json", endings),
        ...beside("c.json", endings),
    ])
    expect(links(yearPage(collection, "2024", files, true))).toEqual(beside("b.json", [...endings, ".asc"]))
})

test("a year without documents has no page", () => {
    for (const year of ["2023", "202", "", "."]) expect(yearPage(collection, year, files, true)).toBeNull()
})

test("no name is read as markup or script", () => {
    const page = yearPage(collection, "2025", ['2025/"><script>.json'], true)
    expect(page).not.toContain("<script")
    expect(page).toContain("&lt;script&gt;")
})
