import { expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import type { AnnualFigure, AnnualFigureId } from "./annual-figures.ts"
import { monthsChart } from "./annual-report-charts.ts"
import { renderAnnualReport, renderNoReport } from "./annual-report-page.ts"
import { columnTitles, rowOf } from "./figure-rows.ts"

const figure = (id: AnnualFigureId, more: Partial<AnnualFigure>): AnnualFigure => ({
    id,
    category: null,
    about: "partners",
    count: null,
    quartiles: null,
    unit: null,
    ...more,
})
const cases = (id: AnnualFigureId, count: number, category: string | null = null) =>
    figure(id, { about: "cases", count, category })
const quartiles = { first: 6, median: 64, third: 150 }
const access = (outcome: "full" | "reduced" | "at_publication" | "withheld", category: string, count: number | null) =>
    figure(`access_${outcome}`, { category, count, unit: "percent" })

const figures: readonly AnnualFigure[] = [
    cases("cases_published", 12),
    figure("embargo_length", {
        about: "cases",
        count: 12,
        quartiles: { first: 9, median: 14, third: 30 },
        unit: "days",
    }),
    cases("embargoes_ended_early", 1, "leak"),
    figure("notice_to_acknowledgement", { unit: "hours" }),
    figure("notice_to_protection", { count: 22, quartiles, unit: "hours" }),
    figure("vulnerabilities_published", { about: "vulnerabilities", count: 20 }),
    cases("cases_exploited", 4),
    cases("exploited_ended_early", 3),
    cases("published_in_month", 12, "2025-03"),
    cases("exploited_in_month", 4, "2025-03"),
    figure("protected_before_publication", { count: 63, unit: "percent" }),
    figure("protection_by_tier", { category: "entry", unit: "hours" }),
    figure("protection_by_tier", { category: "advance", quartiles, unit: "hours" }),
    figure("protection_by_tier", { category: "validate", quartiles, unit: "hours" }),
    figure("suspended_or_terminated", {}),
    access("full", "poc", 74),
    access("withheld", "poc", 26),
    access("full", "patch", null),
]
const publisher = { category: "coordinator", name: "Example", namespace: "https://p.example", contact: null } as const
const page = (more: Partial<Parameters<typeof renderAnnualReport>[0]> = {}) =>
    renderAnnualReport({
        year: 2025,
        at: parseInstant("2026-01-15T09:00:00Z"),
        figures,
        publisher,
        years: [2025],
        ...more,
    })

/** Reads the page as a reader does: its headings, the rows of each table, and all text. */
function readPage(html: string) {
    const plain = (markup: string) =>
        markup
            .replaceAll(/<[^>]*>/g, " ")
            .replaceAll(/\s+/g, " ")
            .trim()
    const texts = (markup: string, name: string) =>
        [...markup.matchAll(new RegExp(`<${name}[^>]*>(.*?)</${name}>`, "gs"))].map(([, text = ""]) => plain(text))
    const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) => texts(row, "t[hd]"))
    return {
        rows,
        title: texts(html, "h1"),
        numbers: texts(html, "dd").slice(0, 4),
        labels: texts(html, "dt"),
        text: plain(html),
    }
}

test("has a title from the figures, and four large figures", () => {
    const { title, numbers, labels } = readPage(page())
    expect(title).toEqual(["In 2025, most warned partners reported protection before publication"])
    expect(numbers).toEqual(["12", "63 %", "2 d 16 h", "4"])
    expect(labels.slice(0, 4)).toEqual([
        "cases published, with 20 vulnerabilities",
        "of warned partners reported protection before publication",
        "median from notice to protection",
        "cases exploited before publication; in 3 the embargo ended early",
    ])
})

test("draws three charts, each with its values as a table", () => {
    const html = page()
    const { rows } = readPage(html)
    expect(rows).toEqual(
        expect.arrayContaining([
            ["Tier", "A quarter within", "Half within", "Three quarters within"],
            ["Validate", "6 h", "2 d 16 h", "6 d 6 h"],
            ["March", "12", "4"],
            ["Proof of concept", "74 %", "too few to show", "too few to show", "26 %"],
            ["embargo length", "12 cases", "9, 14, 30 days"],
            ["embargoes ended early: leak", "1 case", "–"],
            ["notice to acknowledgement", "too few partners to show", "too few partners to show"],
        ]),
    )
    expect(html.match(/<polyline/g)).toHaveLength(2)
    expect(html.match(/<rect class="(calm|exploited)"/g)).toHaveLength(2)
    expect(html.match(/<details>/g)).toHaveLength(4)
    expect(html).not.toMatch(/style=|<script/)
})

test("names each series that is about too few partners", () => {
    expect(readPage(page()).text).toContain(
        "Left out, because they are about too few partners: times of the Entry tier; access to patch.",
    )
    expect(readPage(page()).text).toContain("no partners, or too few to show, were suspended or terminated")
})

test.each([
    [0, 40, "In 2025, no case was published"],
    [1, null, "In 2025, 1 case was published"],
    [7, null, "In 2025, 7 cases were published"],
    [7, 40, "In 2025, 40 % of warned partners reported protection before publication"],
])("titles %i cases with a share of %s", (count, share, title) => {
    const changed = figures.map((item) => {
        if (item.id === "cases_published") return { ...item, count }
        return item.id === "protected_before_publication" ? { ...item, count: share } : item
    })
    expect(readPage(page({ figures: changed })).title).toEqual([title])
})

test("a preview is named as such, and other years are linked", () => {
    const html = page({ at: null, years: [2025, 2024] })
    expect(readPage(html).text).toContain("Preview of the annual report, not published")
    expect(html).toContain('<a href="/annual-reports/2024">2024</a>')
    expect(readPage(renderNoReport(publisher)).text).toContain("No annual report yet.")
})

test("keeps every column in an export, and hides no quartiles behind a missing count", () => {
    expect(figures.map(rowOf).every((row) => row.length === columnTitles.length)).toBe(true)
    expect(rowOf(figure("protection_by_tier", { quartiles, unit: "hours" }))[3]).toBe("")
    expect(rowOf(figure("protection_by_tier", { unit: "hours" }))[3]).toBe("too few to show")
})

test("draws no bar with a negative height, however many cases a month has", () => {
    const { markup } = monthsChart("Cases", [{ name: "May", published: 900, exploited: 1 }])
    expect(markup).not.toContain('height="-')
})
