/**
 * Computes follow-up deadlines in hours: of the wave, else of its case, else of the program rules. A new deadline
 * applies to waves released later.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Wave } from "../../share/waves/wave.ts"

/** A deadline for follow-ups, from an instant on. */
export interface Deadline {
    /** Null for every wave of the case without its own deadline. */
    readonly wave: string | null
    /** Null removes the deadline. */
    readonly hours: number | null
    readonly at: Instant
}

export const hoursMax = 90 * 24

/** INVARIANT: `set` is in order of setting. A deadline set at the instant of a release counts for that wave. */
export function msFor(
    { id, releasedAt }: Pick<Wave, "id" | "releasedAt">,
    set: readonly Deadline[],
    rule: { readonly days: number },
): { readonly ms: number; readonly by: "wave" | "case" | "rule" } {
    const inTime = set.filter(({ at }) => releasedAt === null || at <= releasedAt)
    const own = inTime.findLast(({ wave }) => wave === id)?.hours ?? null
    if (own !== null) return { ms: own * hourMs, by: "wave" }
    const ofCase = inTime.findLast(({ wave }) => wave === null)?.hours ?? null
    return ofCase === null ? { ms: rule.days * dayMs, by: "rule" } : { ms: ofCase * hourMs, by: "case" }
}

/** Validates a deadline. Refuses `sighting.bad_hours`. */
export function validateHours(hours: number | null): void {
    if (hours === null || (Number.isInteger(hours) && hours >= 1 && hours <= hoursMax)) return
    refuse("invalid", "sighting.bad_hours", `a deadline must be 1 to ${hoursMax} whole hours`)
}

/** Returns when to remind, never before half of the time. */
export const remindAt = (since: Instant, ms: number, remindDays: number): Instant =>
    since + ms - Math.min(remindDays * dayMs, Math.floor(ms / 2))
