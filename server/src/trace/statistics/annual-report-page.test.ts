import { expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { Figure } from "./figures.ts"
import { columnTitles, renderAnnualReports, rowOf } from "./annual-report-page.ts"

const figures: readonly Figure[] = [
    {
        id: "embargo_length",
        category: null,
        about: "cases",
        count: 12,
        quartiles: { first: 9, median: 14, third: 30 },
        unit: "days",
    },
    { id: "embargoes_ended_early", category: "leak", about: "cases", count: 1, quartiles: null, unit: null },
    { id: "embargo_length", category: null, about: "cases", count: 2, quartiles: null, unit: "days" },
    { id: "notice_to_acknowledgement", category: null, about: "partners", count: null, quartiles: null, unit: "hours" },
]

/** Reads the page as a reader does: the cells of each row, and the text around the tables. */
function readPage(html: string): { readonly rows: string[][]; readonly text: string } {
    const plain = (markup: string) =>
        markup
            .replaceAll(/<[^>]*>/g, " ")
            .replaceAll(/\s+/g, " ")
            .trim()
    const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
        [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => plain(cell)),
    )
    return { rows, text: plain(html.replace(/^[^]*<body>/, "")) }
}

test("has three columns on the public page, and explains its quartiles", () => {
    const years = [{ year: 2025, at: parseInstant("2026-01-15T09:00:00Z"), figures }]
    const { rows, text } = readPage(renderAnnualReports("Example", years))
    expect(rows).toEqual([
        ["Figure", "Count", "Quartiles"],
        ["embargo length", "12 cases", "9, 14, 30 days"],
        ["embargoes ended early: leak", "1 case", "–"],
        ["embargo length", "2 cases", "too few cases to show"],
        ["notice to acknowledgement", "too few partners to show", "too few partners to show"],
    ])
    expect(text).toContain(
        "a quarter of the cases or partners is at the first or below, half at the second (the median)",
    )
})

test("keeps every column in an export", () => {
    expect(figures.map(rowOf).map(({ length }) => length)).toEqual(figures.map(() => columnTitles.length))
})
