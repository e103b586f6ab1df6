/**
 * Owed reports: whom a wave warned says until a deadline how far it is with protection, and what it saw: exploitation, or
 * none. Whether it did is computed from when its clock began and what it said, and never kept. Nothing follows from being
 * late: it is counted and listed, and a person decides.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ProtectionState } from "@tocsin/client/limits"

/** Of one partner, by one wave of one case. */
export interface ReportClock {
    readonly since: Instant
    /** In time is before it. */
    readonly dueAt: Instant
    /** From when on it could have nothing by the wave any more; null: it can. */
    readonly endedAt: Instant | null
}

/** What a partner said of one case, and did not take back. */
export interface SaidOfCase {
    readonly protections: readonly { readonly state: ProtectionState; readonly at: Instant }[]
    readonly sightings: readonly {
        readonly at: Instant
        readonly seenAt: Instant
        /** Null: it saw exploitation. */
        readonly lookedSince: Instant | null
    }[]
}

/** `waived`: it could not say any more before it was due. */
export const owedStates = ["due", "overdue", "done", "done late", "waived"] as const
export type OwedState = (typeof owedStates)[number]

export interface Answered {
    /** When each was said; null: it is owed. */
    readonly protectionAt: Instant | null
    readonly sightingAt: Instant | null
    readonly state: OwedState
}

/** What was said later than now does not count. */
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
    if (isGiven) return "done late"
    return now < dueAt ? "due" : "overdue"
}

/** What is protected, or not applicable, stays so until the partner says otherwise: that need not be said again. */
function protectionGiven({ since }: ReportClock, protections: SaidOfCase["protections"], now: Instant): Instant | null {
    const inputs = protections.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at)
    const before = inputs.findLast(({ at }) => at < since)
    if (before?.state === "protected" || before?.state === "not applicable") return since
    return inputs.find(({ at }) => at >= since)?.at ?? null
}

/** A zero report that looked no further than to before the clock began says nothing of what came after. */
function sightingGiven({ since }: ReportClock, sightings: SaidOfCase["sightings"], now: Instant): Instant | null {
    const counted = sightings.filter(
        (sighting) =>
            sighting.at >= since && sighting.at <= now && (sighting.lookedSince === null || sighting.seenAt >= since),
    )
    return counted.length === 0 ? null : Math.min(...counted.map(({ at }) => at))
}

/** Whether it came to be late in a span (half-open): what is given afterwards does not undo that. */
export function wasLateIn(clock: ReportClock, { state }: Answered, from: Instant, until: Instant): boolean {
    return (state === "overdue" || state === "done late") && clock.dueAt >= from && clock.dueAt < until
}

/** How often a partner was reminded of it: before it is due, and once it is overdue. */
export type Reminded = "not" | "before" | "after"

/** What it is to be reminded of now; null: nothing, or nothing more. */
export function reminderOf(
    clock: ReportClock & { readonly remindAt: Instant; readonly reminded: Reminded },
    { state }: Answered,
    now: Instant,
): Exclude<Reminded, "not"> | null {
    if (state === "overdue") return clock.reminded === "after" ? null : "after"
    return state === "due" && now >= clock.remindAt && clock.reminded === "not" ? "before" : null
}
