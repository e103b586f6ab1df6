/** How wide the columns of a table are. */
import type { Atoms } from "./runs.ts"
import { widthsOf } from "./lines.ts"

interface Space {
    /** Of all columns and what is between them. */
    readonly points: number
    readonly between: number
    /** Of the font. */
    readonly size: number
}

/** Nothing is ever narrower, in points. */
const least = 30
/** Of the space for each column alone: longer words are cut. */
const wordShareMax = 1.2

/**
 * In points. As wide as its text needs, where all of it fits; else each has room for its longest word, as far as that goes, and
 * the rest is shared by how much each could use.
 */
export function columnsOf(rows: readonly (readonly string[])[], atoms: Atoms, space: Space): number[] {
    const count = Math.max(1, ...rows.map(({ length }) => length))
    const whole = new Array<number>(count).fill(least)
    const word = new Array<number>(count).fill(least)
    const free = space.points - (count - 1) * space.between
    for (const row of rows) {
        for (const [n, text] of row.entries()) {
            const widths = widthsOf(text, atoms)
            // A heading is bold, and wider.
            const inPoints = (width: number) => (width * space.size * (row === rows[0] ? 1.22 : 1.12)) / 1000
            whole[n] = Math.max(whole[n] ?? 0, inPoints(widths.whole))
            word[n] = Math.max(word[n] ?? 0, Math.min(inPoints(widths.word), (wordShareMax * free) / count))
        }
    }
    const sum = (list: readonly number[]) => list.reduce((value, other) => value + other, 0)
    if (sum(whole) <= free) return whole.map((value, n) => (n === count - 1 ? value + free - sum(whole) : value))
    const held = sum(word) > free ? word.map((value) => (value * free) / sum(word)) : word
    // Whoever has ten times as much to say gets about three times the room.
    const wants = whole.map((value, n) => Math.sqrt(Math.max(0, value - (held[n] ?? 0))))
    const left = free - sum(held)
    return held.map((value, n) => value + (sum(wants) > 0 ? (left * (wants[n] ?? 0)) / sum(wants) : 0))
}
