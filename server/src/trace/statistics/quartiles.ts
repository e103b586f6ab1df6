/** Computes numbers about groups, so that none reveals one partner. */

export interface Quartiles {
    readonly first: number
    readonly median: number
    readonly third: number
}

/** Computes a quantile by linear interpolation. `fraction` is 0 to 1; `values` is not empty. */
export function quantile(values: readonly number[], fraction: number): number {
    const sorted = values.toSorted((a, b) => a - b)
    const place = (sorted.length - 1) * fraction
    const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0]
    return below + (above - below) * (place - Math.floor(place))
}

/** Rounds quartiles to whole numbers; null for fewer than a group. */
export function quartilesOf(values: readonly number[], groupMin: number): Quartiles | null {
    if (values.length === 0 || values.length < groupMin) return null
    const quartileAt = (fraction: number) => Math.round(quantile(values, fraction))
    return { first: quartileAt(0.25), median: quartileAt(0.5), third: quartileAt(0.75) }
}

/** Reduces the values to one per partner, so that many cases of one partner count once. */
export function mediansPerPartner(values: readonly (readonly [partner: string, value: number])[]): number[] {
    const grouped = Map.groupBy(values, ([partner]) => partner)
    return [...grouped.values()].map((entries) =>
        quantile(
            entries.map(([, value]) => value),
            0.5,
        ),
    )
}

/** Counts partners; null for fewer than a group, also for none. */
export function groupCount(partners: Iterable<string>, groupMin: number): number | null {
    const count = new Set(partners).size
    return count >= groupMin ? count : null
}
