/** Finds spans in text order by binary search, because long documents have thousands. */
import type { Slot } from "./carrier.ts"

interface Span {
    readonly start: number
    readonly end: number
}

/** Builds a check whether a range overlaps or touches an edit of a slot. */
export function overlapCheck(slots: readonly Slot[]): (start: number, end: number) => boolean {
    const spans: { start: number; end: number }[] = []
    const inOrder = slots.flatMap(({ variants }) => variants.flat()).toSorted((a, b) => a.start - b.start)
    for (const { start, end } of inOrder) {
        const last = spans.at(-1)
        if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
        else spans.push({ start, end })
    }
    return (start, end) => (spans[firstFrom(spans, start)]?.start ?? Infinity) <= end
}

/** Finds the first span that ends at `at` or later. The spans are sorted and do not overlap. */
export function firstFrom(spans: readonly Span[], at: number): number {
    let [low, high] = [0, spans.length]
    while (low < high) {
        const middle = (low + high) >> 1
        if ((spans[middle]?.end ?? 0) < at) low = middle + 1
        else high = middle
    }
    return low
}
