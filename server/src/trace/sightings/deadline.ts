/**
 * Within how many hours reports are due of what a wave gave: as the wave says, else as its case, else as the program's rule. What is set
 * counts for waves that fall later: whoever was told of a due date keeps it.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Wave } from "../../share/waves/wave.ts"

export interface Deadline {
    /** Null: of every wave of the case that has none of its own. */
    readonly wave: string | null
    /** Null: as if nothing had been set. */
    readonly hours: number | null
    readonly at: Instant
}

export const hoursMax = 90 * 24

/** INVARIANT: `set` comes in the order in which it was. What was set at the very instant at which a wave falls counts. */
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

export function validateHours(hours: number | null): void {
    if (hours === null || (Number.isInteger(hours) && hours >= 1 && hours <= hoursMax)) return
    refuse("invalid", "sighting.bad_hours", `a report is due within 1 to ${hoursMax} whole hours`)
}

/** Never before it is owed: of a short one, half way. */
export const remindAt = (since: Instant, ms: number, remindDays: number): Instant =>
    since + ms - Math.min(remindDays * dayMs, Math.floor(ms / 2))
