/** Presents statistics as the public page and as table rows. */
import { valueText } from "@tocsin/base/value-text"
import { pageOf, tableOf } from "@tocsin/formats/advisory/page"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { element } from "@tocsin/formats/advisory/markup"
import type { Figure } from "./figures.ts"

export const annualReportPath = "/annual-reports"

/** The published annual report. */
export interface AnnualReport {
    readonly year: number
    readonly at: Instant
    readonly figures: readonly Figure[]
}

export const columnTitles = ["Figure", "Of", "Counted", "Count", "First quartile", "Median", "Third quartile", "Unit"]

/** Returns a row in the order of `columnTitles`. A count of fewer than a group is named as such. */
export function rowOf({ id, category, about, count, quartiles, unit }: Figure): string[] {
    const countText = count === null ? "too few to show" : String(count)
    const numbers = quartiles === null ? ["", "", ""] : [quartiles.first, quartiles.median, quartiles.third].map(String)
    return [valueText(id), valueText(category ?? ""), about, countText, ...numbers, unit ?? ""]
}

export const yearColumnTitles = ["Year", ...columnTitles]

/** Returns the rows of all years. */
export function yearRows(reports: readonly AnnualReport[]): string[][] {
    return reports.flatMap(({ year, figures }) => figures.map((figure) => [String(year), ...rowOf(figure)]))
}

const pageColumnTitles = ["Figure", "Count", "Quartiles"]

/** Returns a row in the order of `pageColumnTitles`, with fewer columns to fit a telephone. */
function pageRow({ id, category, about, count, quartiles, unit }: Figure): string[] {
    const counted = count === 1 ? about.slice(0, -1) : about
    return [
        category === null ? valueText(id) : `${valueText(id)}: ${valueText(category)}`,
        count === null ? `too few ${about} to show` : `${count} ${counted}`,
        quartilesIn({ quartiles, unit, about }),
    ]
}

function quartilesIn({ quartiles, unit, about }: Pick<Figure, "quartiles" | "unit" | "about">): string {
    if (quartiles !== null) return `${quartiles.first}, ${quartiles.median}, ${quartiles.third} ${unit ?? ""}`.trim()
    return unit === null ? "–" : `too few ${about} to show`
}

const quartilesExplained =
    "Quartiles are three numbers: a quarter of the cases or partners is at the first or below, half at the second " +
    "(the median), and three quarters at the third. Where there are too few for a group, no number is shown. “–” " +
    "marks a figure that is only a count."

/** Renders the page, newest year first. It names no partner and is the same for all readers. */
export function renderAnnualReports(publisher: string, reports: readonly AnnualReport[]): string {
    return pageOf(
        `Early warning: report of ${publisher}`,
        element("h1", {}, `Early warning: report of ${publisher}`),
        element(
            "p",
            {},
            "The figures count published cases, by the year of their publication. In a figure about partners, each " +
                "partner counts once, and too small a group is not shown.",
        ),
        ...reports.flatMap(({ year, at, figures }) => [
            element("h2", {}, String(year)),
            element("p", { class: "facts" }, `published ${formatInstant(at)}`),
            tableOf(pageColumnTitles, figures.map(pageRow)),
        ]),
        element("p", {}, quartilesExplained),
        element(
            "p",
            {},
            "The same as ",
            element("a", { href: `${annualReportPath}.csv` }, "CSV"),
            " and ",
            element("a", { href: `${annualReportPath}.json` }, "JSON"),
            ".",
        ),
    )
}
