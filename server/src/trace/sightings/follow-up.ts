/**
 * Follow-ups: a warned partner reports its protection status and a sighting or zero report before a deadline. The state
 * is computed from the clock and the reports, and never stored. Lateness is counted and listed, and has no automatic
 * effect.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ProtectionState } from "@tocsin/client/limits"

/** The clock of one partner and one wave. */
export interface ReportClock {
    readonly since: Instant
    /** Exclusive. */
    readonly dueAt: Instant
    /** When access by the wave ended; null while it has access. */
    readonly endedAt: Instant | null
}

/** A partner's reports on one case, without withdrawn ones. */
export interface SaidOfCase {
    readonly protections: readonly { readonly state: ProtectionState; readonly at: Instant }[]
    readonly sightings: readonly {
        readonly at: Instant
        readonly seenAt: Instant
        /** Null where it saw exploitation. */
        readonly lookedSince: Instant | null
    }[]
}

/** `waived`: access ended before the deadline. */
export const owedStates = ["due", "overdue", "done", "done_late", "waived"] as const

/** The state of a follow-up. */
export type OwedState = (typeof owedStates)[number]

/** What a partner reported of a follow-up. */
export interface Answered {
    /** When each was reported; null while it is due. */
    readonly protectionAt: Instant | null
    readonly sightingAt: Instant | null
    readonly state: OwedState
}

/** Computes the state. Ignores reports from after `now`. */
export function answeredAt(clock: ReportClock, saidOfCase: SaidOfCase, now: Instant): Answered {
    const protectionAt = protectionGiven(clock, saidOfCase.protections, now)
    const sightingAt = sightingGiven(clock, saidOfCase.sightings, now)
    return { protectionAt, sightingAt, state: stateOf(clock, protectionAt, sightingAt, now) }
}

function stateOf(
    { dueAt, endedAt }: ReportClock,
    protectionAt: Instant | null,
    sightingAt: Instant | null,
    now: Instant,
): OwedState {
    const isGiven = protectionAt !== null && sightingAt !== null
    if (isGiven && Math.max(protectionAt, sightingAt) < dueAt) return "done"
    if (endedAt !== null && endedAt <= now && endedAt <= dueAt) return "waived"
    if (isGiven) return "done_late"
    return now < dueAt ? "due" : "overdue"
}

/** A status of protected or not applicable answers later waves until the partner changes it. */
function protectionGiven({ since }: ReportClock, protections: SaidOfCase["protections"], now: Instant): Instant | null {
    const inputs = protections.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    const before = inputs.findLast(({ at }) => at < since)
    if (before?.state === "protected" || before?.state === "not_applicable") return since
    return inputs.find(({ at }) => at >= since)?.at ?? null
}

/** A zero report that ended before the clock began does not answer it. */
function sightingGiven({ since }: ReportClock, sightings: SaidOfCase["sightings"], now: Instant): Instant | null {
    const counted = sightings.filter(
        (sighting) =>
            sighting.at >= since && sighting.at <= now && (sighting.lookedSince === null || sighting.seenAt >= since),
    )
    return counted.length === 0 ? null : Math.min(...counted.map(({ at }) => at))
}

/** Tells whether the partner became late in a span, whose end is exclusive. A later report does not undo that. */
export function wasLateIn(clock: ReportClock, { state }: Answered, from: Instant, until: Instant): boolean {
    return (state === "overdue" || state === "done_late") && clock.dueAt >= from && clock.dueAt < until
}

/** Reminders sent so far: before the deadline and after it. */
export type Reminded = "none" | "before" | "after"

/** Returns the reminder to send now, or null. */
export function reminderOf(
    clock: ReportClock & { readonly remindAt: Instant; readonly reminded: Reminded },
    { state }: Answered,
    now: Instant,
): Exclude<Reminded, "none"> | null {
    if (state === "overdue") return clock.reminded === "after" ? null : "after"
    return state === "due" && now >= clock.remindAt && clock.reminded === "none" ? "before" : null
}
