/**
 * Aggregates show a partner what other partners reported on a warning that it has too. They show bands of groups, never
 * a number, and the same to every reader. They are counted at fixed instants. A band changes only after enough partners
 * changed their reports, and only if leaving out any one of them gives the same band. See docs/design/0034 for the
 * guarantee and its limits.
 */

/** Counted cells, of the partners that hold a warning. `none_observed` is a zero report without a sighting. */
export const cells = ["exploitation", "none_observed", "protected", "false_positives"] as const

/** The name of a cell, after the reports that it counts. */
export type Cell = (typeof cells)[number]

/** The band of one cell, and the partners that it was counted from. */
export interface CountedBand {
    /** Null where too few partners are inside or outside. */
    readonly band: string | null
    readonly basis: ReadonlySet<string>
}

export const noBand: CountedBand = { band: null, basis: new Set() }

const edges = [10, 25, 50, 100, 250, 1000]
/** The smallest width of a band that has a middle. */
const widthMin = 5

/** Returns the band of `count` partners out of `holders`. Returns null where either group is too small. */
export function bandOf(count: number, holders: number, groupMin: number): string | null {
    if (!(count >= groupMin && holders - count >= groupMin)) return null
    const starts = [groupMin, ...edges.filter((edge) => edge >= groupMin + widthMin)]
    const n = starts.findLastIndex((start) => start <= count)
    const next = starts[n + 1]
    return next === undefined ? `${starts[n]} or more` : `${starts[n]}–${next - 1}`
}

/** Tells whether the band stays the same with one partner more, one less, or one that reports something else. */
export function isStable(count: number, holders: number, groupMin: number): boolean {
    const band = bandOf(count, holders, groupMin)
    const others = [
        ...(count > 0 ? [[count - 1, holders] as const, [count - 1, holders - 1] as const] : []),
        ...(count < holders ? [[count + 1, holders] as const, [count, holders - 1] as const] : []),
        [count, holders + 1] as const,
        [count + 1, holders + 1] as const,
    ]
    return others.every(([some, total]) => bandOf(some, total, groupMin) === band)
}

/** Counts the members of exactly one of two sets. */
export function countDifferences(first: ReadonlySet<string>, second: ReadonlySet<string>): number {
    const both = [...first].filter((name) => second.has(name)).length
    return first.size + second.size - 2 * both
}

/** Returns the next band: the same, unless enough partners changed and no single one matters. */
export function nextBand(
    before: CountedBand,
    now: ReadonlySet<string>,
    holders: number,
    groupMin: number,
): CountedBand {
    if (!(countDifferences(now, before.basis) >= groupMin && isStable(now.size, holders, groupMin))) return before
    return { band: bandOf(now.size, holders, groupMin), basis: now }
}
