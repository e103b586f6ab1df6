import { expect, test } from "vitest"
import { type PageParts, changesBetween, rowPairs } from "./page-changes.ts"

const page: PageParts = {
    title: "A flaw",
    facts: "NL-2025-0001 · published",
    summary: "# What\n\n- Install the update.",
    plainSummary: "",
    guidance: null,
    tables: [{ name: "Products", heads: ["Product", "Fixed in"], rows: [["Server", "1.2"]] }],
    acknowledgement: null,
    history: ["revision 1"],
}

test("an equal page has no changes, whatever its dates are", () => {
    expect(changesBetween(page, { ...page, facts: "revised", history: ["revision 1", "revision 2"] })).toEqual([])
})

test("changes are lines without notation", () => {
    const after: PageParts = {
        ...page,
        summary: "# What\n\n1. Install both updates.",
        tables: [{ name: "Products", heads: ["Product", "Fixed in"], rows: [["Server", "1.3"]] }],
        acknowledgement: "Found by Ana.",
    }
    expect(changesBetween(page, after).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
        "gone Install the update.",
        "new Install both updates.",
        "gone Server · 1.2",
        "new Server · 1.3",
        "new Found by Ana.",
    ])
})

test("rows are aligned: same, changed, gone, new", () => {
    const [a, b, c, d] = [["a"], ["b"], ["c"], ["d"]]
    expect(rowPairs([a, b], [a, c])).toEqual([
        { before: a, after: a },
        { before: b, after: c },
    ])
    expect(rowPairs([a, b, c], [a, c])).toEqual([
        { before: a, after: a },
        { before: b, after: null },
        { before: c, after: c },
    ])
    expect(rowPairs([a], [a, d])).toEqual([
        { before: a, after: a },
        { before: null, after: d },
    ])
    expect(rowPairs([], [])).toEqual([])
})
