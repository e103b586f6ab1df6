/** Computes the widths of a table's columns. */
import type { Atoms } from "./runs.ts"
import { widthsOf } from "./lines.ts"

interface ColumnSpace {
    /** The width of all columns with the gaps between them. */
    readonly points: number
    readonly gap: number
    /** The font size. */
    readonly size: number
}

/** The minimum width of a column, in points. */
const columnMin = 30
/** The maximum width of a word, as a share of an equal column's width. Longer words are cut. */
const wordShareMax = 1.2

/**
 * Returns the widths in points. Each column is as wide as its text where all fit. Otherwise each has space for its
 * longest word, where possible, and the rest is shared by demand.
 */
export function columnsOf(rows: readonly (readonly string[])[], atoms: Atoms, space: ColumnSpace): number[] {
    const count = Math.max(1, ...rows.map(({ length }) => length))
    const textWidths = new Array<number>(count).fill(columnMin)
    const wordWidths = new Array<number>(count).fill(columnMin)
    const free = space.points - (count - 1) * space.gap
    for (const row of rows) {
        for (const [n, text] of row.entries()) {
            const widths = widthsOf(text, atoms)
            // A heading is bold and therefore wider.
            const inPoints = (width: number) => (width * space.size * (row === rows[0] ? 1.22 : 1.12)) / 1000
            textWidths[n] = Math.max(textWidths[n] ?? 0, inPoints(widths.whole))
            wordWidths[n] = Math.max(wordWidths[n] ?? 0, Math.min(inPoints(widths.word), (wordShareMax * free) / count))
        }
    }
    const sum = (list: readonly number[]) => list.reduce((value, other) => value + other, 0)
    if (sum(textWidths) <= free)
        return textWidths.map((value, n) => (n === count - 1 ? value + free - sum(textWidths) : value))
    const minima = sum(wordWidths) > free ? wordWidths.map((value) => (value * free) / sum(wordWidths)) : wordWidths
    // A column with ten times as much text gets about three times the width.
    const demands = textWidths.map((value, n) => Math.sqrt(Math.max(0, value - (minima[n] ?? 0))))
    const remaining = free - sum(minima)
    return minima.map((value, n) => value + (sum(demands) > 0 ? (remaining * (demands[n] ?? 0)) / sum(demands) : 0))
}
