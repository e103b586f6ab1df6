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

/**
 * Requires `deadlines` in the order in which they were set. A deadline that was set at the instant of the release still
 * applies to that wave.
 */
export function deadlineOfWave(
    { id, releasedAt }: Pick<Wave, "id" | "releasedAt">,
    deadlines: readonly Deadline[],
    rule: { readonly days: number },
): { readonly ms: number; readonly source: "wave" | "case" | "rule" } {
    const inTime = deadlines.filter(({ at }) => releasedAt === null || at <= releasedAt)
    const waveHours = inTime.findLast(({ wave }) => wave === id)?.hours ?? null
    if (waveHours !== null) return { ms: waveHours * hourMs, source: "wave" }
    const caseHours = inTime.findLast(({ wave }) => wave === null)?.hours ?? null
    return caseHours === null ? { ms: rule.days * dayMs, source: "rule" } : { ms: caseHours * hourMs, source: "case" }
}

/** Validates a deadline. Refuses `follow_up_deadline.bad_hours`. */
export function validateHours(hours: number | null): void {
    if (hours === null || (Number.isInteger(hours) && hours >= 1 && hours <= hoursMax)) return
    refuse(
        "invalid",
        "follow_up_deadline.bad_hours",
        `\`hours\` is out of range: enter a whole number from \`1\` to \`${hoursMax}\``,
        { max: hoursMax },
    )
}

/** Returns the instant of the reminder: `remindDays` before the deadline, but not in the first half of the period. */
export const remindAt = (since: Instant, ms: number, remindDays: number): Instant =>
    since + ms - Math.min(remindDays * dayMs, Math.floor(ms / 2))
