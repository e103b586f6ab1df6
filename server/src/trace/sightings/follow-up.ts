/**
 * Follow-ups: a warned partner reports its protection status and a sighting or zero report before a deadline. The state
 * is computed from the clock and the reports, and never stored. Lateness is counted and listed, and has no automatic
 * effect.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ProtectionState } from "@tocsin/client/limits"

/** The clock of one partner and one wave. */
export interface FollowUpClock {
    readonly since: Instant
    /** Exclusive. */
    readonly dueAt: Instant
    /** When access by the wave ended; null while it has access. */
    readonly endedAt: Instant | null
}

/** A partner's reports on one case, without withdrawn ones. */
export interface CaseReports {
    readonly protections: readonly { readonly state: ProtectionState; readonly at: Instant }[]
    readonly sightings: readonly {
        readonly at: Instant
        readonly observedAt: Instant
        /** Null where it saw exploitation. */
        readonly zeroReportSince: Instant | null
    }[]
}

/** `waived`: access ended before the deadline. */
export const followUpStates = ["due", "overdue", "done", "done_late", "waived"] as const

/** The computed state of a follow-up. */
export type FollowUpState = (typeof followUpStates)[number]

/** A partner's answers to a follow-up. */
export interface FollowUpStatus {
    /** When each was reported; null while it is due. */
    readonly protectionAt: Instant | null
    readonly sightingAt: Instant | null
    readonly state: FollowUpState
}

/** Computes the state. Ignores reports from after `now`. */
export function followUpStatusAt(clock: FollowUpClock, reports: CaseReports, now: Instant): FollowUpStatus {
    const protectionAt = protectionReportedAt(clock, reports.protections, now)
    const sightingAt = sightingReportedAt(clock, reports.sightings, now)
    return { protectionAt, sightingAt, state: stateOf(clock, protectionAt, sightingAt, now) }
}

function stateOf(
    { dueAt, endedAt }: FollowUpClock,
    protectionAt: Instant | null,
    sightingAt: Instant | null,
    now: Instant,
): FollowUpState {
    const isComplete = protectionAt !== null && sightingAt !== null
    if (isComplete && Math.max(protectionAt, sightingAt) < dueAt) return "done"
    if (endedAt !== null && endedAt <= now && endedAt <= dueAt) return "waived"
    if (isComplete) return "done_late"
    return now < dueAt ? "due" : "overdue"
}

/** A status of protected or not applicable answers later waves until the partner changes it. */
function protectionReportedAt(
    { since }: FollowUpClock,
    protections: CaseReports["protections"],
    now: Instant,
): Instant | null {
    const reported = protections.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    const before = reported.findLast(({ at }) => at < since)
    if (before?.state === "protected" || before?.state === "not_applicable") return since
    return reported.find(({ at }) => at >= since)?.at ?? null
}

/** A zero report that ended before the clock began does not answer it. */
function sightingReportedAt(
    { since }: FollowUpClock,
    sightings: CaseReports["sightings"],
    now: Instant,
): Instant | null {
    const counted = sightings.filter(
        (sighting) =>
            sighting.at >= since &&
            sighting.at <= now &&
            (sighting.zeroReportSince === null || sighting.observedAt >= since),
    )
    return counted.length === 0 ? null : Math.min(...counted.map(({ at }) => at))
}

/** Tells whether the partner became late in a span, whose end is exclusive. A later report does not undo that. */
export function becameLateIn(clock: FollowUpClock, { state }: FollowUpStatus, from: Instant, until: Instant): boolean {
    return (state === "overdue" || state === "done_late") && clock.dueAt >= from && clock.dueAt < until
}

/** Reminders sent so far: before the deadline and after it. */
export type ReminderStage = "none" | "before" | "after"

/** Returns the reminder to send now, or null. */
export function nextReminder(
    clock: FollowUpClock & { readonly remindAt: Instant; readonly reminded: ReminderStage },
    { state }: FollowUpStatus,
    now: Instant,
): Exclude<ReminderStage, "none"> | null {
    if (state === "overdue") return clock.reminded === "after" ? null : "after"
    return state === "due" && now >= clock.remindAt && clock.reminded === "none" ? "before" : null
}
