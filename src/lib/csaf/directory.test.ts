import { expect, test } from "vitest"
import { publicCollection } from "../csaf.ts"
import { directoryPage, yearPage } from "./directory.ts"

const collection = publicCollection("2.0")
const files = ["2024/b.json", "2025/a.json", "2025/c.json"]
const links = (page: string | null) => [...(page ?? "").matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)

test("a folder leads to its lists, and to each year once, the newest first", () => {
    expect(links(directoryPage(collection, files))).toEqual(
        ["index.txt", "changes.csv", "feed-white.json", "2025/", "2024/"].map((name) => `/csaf/white/${name}`),
    )
    expect(links(directoryPage(collection, []))).toHaveLength(3)
})

test("a year leads to each of its documents, their hashes and, where there are any, their signatures", () => {
    const beside = (name: string, endings: string[]) => endings.map((ending) => `/csaf/white/${name}${ending}`)
    const endings = ["", ".sha256", ".sha512"]
    expect(links(yearPage(collection, "2025", files, false))).toEqual([
        ...beside("2025/a.json", endings),
        ...beside("2025/c.json", endings),
    ])
    expect(links(yearPage(collection, "2024", files, true))).toEqual(beside("2024/b.json", [...endings, ".asc"]))
})

test("a year without a document is none", () => {
    for (const year of ["2023", "202", "", "."]) expect(yearPage(collection, year, files, true)).toBeNull()
})

test("no name becomes markup, and nothing runs", () => {
    const page = yearPage(collection, "2025", ['2025/"><script>.json'], true)
    expect(page).not.toContain("<script")
    expect(page).toContain("&lt;script&gt;")
})
