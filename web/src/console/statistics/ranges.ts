/** The spans of statistics on one scale. Pure. */

interface SpanFigure {
    readonly id: string
    readonly unit: string | null
    readonly quartiles: { readonly first: number; readonly median: number; readonly third: number } | null
}

export interface Range {
    readonly id: string
    readonly unit: string
    readonly first: number
    readonly median: number
    readonly third: number
}

const hours: Readonly<Record<string, number>> = { hours: 1, days: 24 }

/** Returns the figures that have quartiles. */
export function rangesOf(figures: readonly SpanFigure[]): readonly Range[] {
    return figures.flatMap(({ id, unit, quartiles }) =>
        quartiles === null || unit === null ? [] : [{ id, unit, ...quartiles }],
    )
}

export const hoursOf = (value: number, unit: string): number => value * (hours[unit] ?? 1)

/** Returns the place of a span between 0 and 100 on a logarithmic scale that ends at the longest span. */
export function shareOf(span: number, longest: number): number {
    return longest <= 0 ? 0 : (100 * Math.log1p(Math.max(0, span))) / Math.log1p(longest)
}
