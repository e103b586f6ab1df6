/** How wide the columns of a table are. */
import type { Atoms } from "./runs.ts"
import { widthsOf } from "./lines.ts"

interface ColumnSpace {
    /** Of all columns and what is between them. */
    readonly points: number
    readonly gap: number
    /** Of the font. */
    readonly size: number
}

/** Nothing is ever narrower, in points. */
const columnMin = 30
/** Of the space for each column alone: longer words are cut. */
const wordShareMax = 1.2

/**
 * In points. As wide as its text needs, where all of it fits; else each has room for its longest word, as far as that
 * goes, and the rest is shared by how much each could use.
 */
export function columnsOf(rows: readonly (readonly string[])[], atoms: Atoms, space: ColumnSpace): number[] {
    const count = Math.max(1, ...rows.map(({ length }) => length))
    const textWidths = new Array<number>(count).fill(columnMin)
    const wordWidths = new Array<number>(count).fill(columnMin)
    const free = space.points - (count - 1) * space.gap
    for (const row of rows) {
        for (const [n, text] of row.entries()) {
            const widths = widthsOf(text, atoms)
            // A heading is bold, and wider.
            const inPoints = (width: number) => (width * space.size * (row === rows[0] ? 1.22 : 1.12)) / 1000
            textWidths[n] = Math.max(textWidths[n] ?? 0, inPoints(widths.whole))
            wordWidths[n] = Math.max(wordWidths[n] ?? 0, Math.min(inPoints(widths.word), (wordShareMax * free) / count))
        }
    }
    const sum = (list: readonly number[]) => list.reduce((value, other) => value + other, 0)
    if (sum(textWidths) <= free)
        return textWidths.map((value, n) => (n === count - 1 ? value + free - sum(textWidths) : value))
    const minima = sum(wordWidths) > free ? wordWidths.map((value) => (value * free) / sum(wordWidths)) : wordWidths
    // Whoever has ten times as much to say gets about three times the room.
    const demands = textWidths.map((value, n) => Math.sqrt(Math.max(0, value - (minima[n] ?? 0))))
    const remaining = free - sum(minima)
    return minima.map((value, n) => value + (sum(demands) > 0 ? (remaining * (demands[n] ?? 0)) / sum(demands) : 0))
}
