/** Presents statistics as rows of an export. */
import { valueText } from "@tocsin/base/value-text"
import type { AnnualFigure } from "./annual-figures.ts"
import type { AnnualReport } from "./annual-report-page.ts"

export const columnTitles = ["Figure", "Of", "Counted", "Count", "First quartile", "Median", "Third quartile", "Unit"]

/** Returns a row in the order of `columnTitles`. A count of fewer than a group is named as such. */
export function rowOf({ id, category, about, count, quartiles, unit }: AnnualFigure): string[] {
    const numbers = quartiles === null ? ["", "", ""] : [quartiles.first, quartiles.median, quartiles.third].map(String)
    return [valueText(id), valueText(category ?? ""), about, countText(count, quartiles), ...numbers, unit ?? ""]
}

function countText(count: number | null, quartiles: AnnualFigure["quartiles"]): string {
    if (count !== null) return String(count)
    return quartiles === null ? "too few to show" : ""
}

export const yearColumnTitles = ["Year", ...columnTitles]

/** Returns the rows of all years. */
export function yearRows(reports: readonly AnnualReport[]): string[][] {
    return reports.flatMap(({ year, figures }) => figures.map((figure) => [String(year), ...rowOf(figure)]))
}
