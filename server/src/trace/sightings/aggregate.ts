/**
 * Aggregates: what a partner may learn of what the others reported of a warning that it has, too. A band, never a number; of
 * a group, never of one; and the same for every reader.
 *
 * It is counted at fixed instants, and what is told changes only once enough partners have changed what they report, to what
 * it would also be if any one of them were left out. docs/design/0034 says what that holds, and what it does not.
 */

/** What is counted of the partners that hold a warning. `none seen`: a zero report, and no sighting. */
export const cells = ["exploitation", "none seen", "protected", "false positives"] as const
export type Cell = (typeof cells)[number]

/** What is told of one cell, and the partners that it was counted of. */
export interface Told {
    /** Null: too few, or too few others. */
    readonly band: string | null
    readonly basis: ReadonlySet<string>
}

export const untold: Told = { band: null, basis: new Set() }

const edges = [10, 25, 50, 100, 250, 1000]
/** Narrower, a band would have no middle. */
const widthMin = 5

/** The band of `count` partners out of `holders`; null where these, or the others, are fewer than a group. */
export function bandOf(count: number, holders: number, groupMin: number): string | null {
    if (!(count >= groupMin && holders - count >= groupMin)) return null
    const starts = [groupMin, ...edges.filter((edge) => edge >= groupMin + widthMin)]
    const n = starts.findLastIndex((start) => start <= count)
    const next = starts[n + 1]
    return next === undefined ? `${starts[n]} or more` : `${starts[n]}–${next - 1}`
}

/** Whether one partner more or less, or one that says something else, would be told the same. */
export function isSettled(count: number, holders: number, groupMin: number): boolean {
    const band = bandOf(count, holders, groupMin)
    const others = [
        ...(count > 0 ? [[count - 1, holders] as const, [count - 1, holders - 1] as const] : []),
        ...(count < holders ? [[count + 1, holders] as const, [count, holders - 1] as const] : []),
        [count, holders + 1] as const,
        [count + 1, holders + 1] as const,
    ]
    return others.every(([some, total]) => bandOf(some, total, groupMin) === band)
}

/** How many are in one of two and not in the other. */
export function changedBetween(entry: ReadonlySet<string>, other: ReadonlySet<string>): number {
    const both = [...entry].filter((name) => other.has(name)).length
    return entry.size + other.size - 2 * both
}

/** What is told next: the same, unless so many changed what they report, and no one of them makes a difference. */
export function toldNext(before: Told, now: ReadonlySet<string>, holders: number, groupMin: number): Told {
    if (!(changedBetween(now, before.basis) >= groupMin && isSettled(now.size, holders, groupMin))) return before
    return { band: bandOf(now.size, holders, groupMin), basis: now }
}
