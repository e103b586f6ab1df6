/** Days in weeks from Monday to Sunday, in UTC. Pure. */
import { type Instant, dayMs, parseInstant } from "@tocsin/base/instant"

/** Returns the weeks that contain these instants, from the week of `from` on; at most `max`. */
export function weeksOf(from: Instant, instants: readonly Instant[], max: number): readonly (readonly Instant[])[] {
    const first = mondayOf(from)
    const last = mondayOf(Math.max(from, ...instants))
    const weeks = Math.min(max, Math.round((last - first) / (7 * dayMs)) + 1)
    return Array.from({ length: weeks }, (_, week) =>
        Array.from({ length: 7 }, (__, day) => first + (week * 7 + day) * dayMs),
    )
}

function mondayOf(at: Instant): Instant {
    const day = Math.floor(at / dayMs)
    // 1 January 1970 was a Thursday.
    return (day - ((day + 3) % 7)) * dayMs
}

/** Groups items by the start of their day, in one pass over what may be thousands. */
export const byDay = <Item extends { readonly at: string }>(
    items: readonly Item[],
): ReadonlyMap<Instant, readonly Item[]> => Map.groupBy(items, ({ at }) => startOfDay(parseInstant(at)))

export const startOfDay = (at: Instant): Instant => Math.floor(at / dayMs) * dayMs
