/**
 * What a partner owes, since when, and from when it costs: computed from dated rows, never kept as a flag.
 *
 * Something falls due, stays without consequence for its grace, and from then on is overdue: content waits until it is
 * given, and comes back by itself when it is. The same rows at the same instant always give the same answer, so that
 * any past decision can be replayed.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import type { Lapse } from "../agreements/agreement.ts"
import type { PeriodicKind } from "../agreements/obligation.ts"

export const dueKinds = ["agreement", "attestation", "regular reports", "mailbox", "key", "lead"] as const
/**
 * `agreement`: its acceptance anew, before the term ends or a newer version applies. `mailbox`: proof that the partner's address is still read. `key`: one that copies can be sealed for. `lead`: somebody
 * on the roster who may act for the partner.
 */
export type DueKind = (typeof dueKinds)[number]

/** How long what is due stays without consequence, and how long before it costs the partner is told. */
export interface DueRule {
    readonly graceDays: number
    /** Days before it lowers access at which the partner is reminded. */
    readonly remindDays: readonly number[]
}

export interface DueRules {
    readonly kinds: Readonly<Record<DueKind, DueRule>>
    /** How long a proof that the mailbox is read holds. */
    readonly mailboxEveryDays: number
    /** How long before it applies a new version of the agreement is said, unless it says otherwise. */
    readonly agreementNoticeDays: number
    /** How long after it became usable a key is sealed to at most; it holds for keys that are added from then on. */
    readonly keyDaysMax: number
}

/** A span in which something held: from an instant on, until another (half-open), or still. */
export interface Span {
    readonly from: Instant
    readonly until: Instant | null
}

/** A kind that falls due again and again, with every version that the partner accepted, in that order. */
export interface Periodic {
    readonly kind: PeriodicKind
    /** From its acceptance on this version asks for it so often; null: not at all. */
    readonly terms: readonly { readonly from: Instant; readonly everyDays: number | null }[]
}

/** The dated rows of one partner. Rows of later than the instant that is asked about say nothing. */
export interface Obliged {
    /** When it became active first; null: it owes nothing yet. */
    readonly activeSince: Instant | null
    /** Of the agreement that it stands by: what falls due by it. */
    readonly periods: readonly Periodic[]
    readonly given: readonly { readonly kind: DueKind; readonly at: Instant }[]
    readonly keys: readonly Span[]
    readonly leads: readonly Span[]
    /** When mail to the partner came back. */
    readonly bounces: readonly Instant[]
    /** When the agreement ceases to stand accepted, or did; null: it does not, or never stood. */
    readonly lapse: Lapse | null
}

export interface Due {
    readonly kind: DueKind
    /** From this instant on it is owed. */
    readonly dueAt: Instant
    /** From this instant on it lowers access. */
    readonly withheldFrom: Instant
    readonly state: "given" | "due" | "overdue"
}

/** Everything that falls due next, or has. Of what was given, the next time that it is owed. */
export function duesAt(obliged: Obliged, rules: DueRules, now: Instant): Due[] {
    const { activeSince } = obliged
    if (activeSince === null || activeSince > now) return []
    // Nobody knows beforehand when a lead leaves; a key says when it ends.
    const withoutLater = (span: Span) => ((span.until ?? now) > now ? { ...span, until: null } : span)
    const found: (Due | null)[] = [
        obliged.lapse && lapsing(obliged.lapse, rules, now),
        ...obliged.periods.map((period) => {
            const { dueAt } = followed(period, obliged, now)
            return dueAt === null ? null : due(period.kind, dueAt, rules, now)
        }),
        due("mailbox", mailboxDueAt(obliged, rules, activeSince, now), rules, now),
        lacking("key", obliged.keys, activeSince, rules, now),
        lacking("lead", obliged.leads.map(withoutLater), activeSince, rules, now),
    ]
    return found.filter((requirement) => requirement !== null)
}

/** The kinds that lower access at this instant, in a fixed order. */
export function overdueAt(obliged: Obliged, rules: DueRules, now: Instant): DueKind[] {
    const kinds = duesAt(obliged, rules, now).filter((requirement) => requirement.state === "overdue")
    return dueKinds.filter((kind) => kinds.some((requirement) => requirement.kind === kind))
}

/** The reminders whose instant has come, in their order; each has a name that is the same however often it is asked. */
export function remindersOf(requirement: Due, rules: DueRules, now: Instant): string[] {
    const before = rules.kinds[requirement.kind].remindDays.toSorted((a, b) => b - a)
    const steps = before.map((days) => ({ at: requirement.withheldFrom - days * dayMs, step: `${days} days before` }))
    // A key that has come to its end opens nothing any more, whatever the grace.
    const ending = requirement.kind === "key" && requirement.state === "given" ? before : []
    const ends = ending.map((days) => ({ at: requirement.dueAt - days * dayMs, step: `${days} days before its end` }))
    const list = [...ends, ...steps].toSorted((a, b) => a.at - b.at)
    return [...list, { at: requirement.withheldFrom, step: "lowered" }]
        .filter(({ at }) => at <= now)
        .map(({ step }) => step)
}

/** How often since `from` something was given after its grace, or is missing by now: the measure of reports in time. */
export function lateCount(obliged: Obliged, rules: DueRules, from: Instant, now: Instant): number {
    return obliged.periods.reduce((sum, period) => {
        const { dueAt, met } = followed(period, obliged, now)
        const graceMs = rules.kinds[period.kind].graceDays * dayMs
        const late = met.filter((item) => item.givenAt >= from && item.givenAt >= item.dueAt + graceMs).length
        return sum + late + (dueAt !== null && now >= dueAt + graceMs ? 1 : 0)
    }, 0)
}

/**
 * Follows a kind through what was accepted and given. A statement is owed a period after the last one, or after the
 * acceptance that asks for it first. A new version never forgives, and asks for nothing at once.
 */
function followed({ kind, terms }: Periodic, { given }: Obliged, now: Instant) {
    const statements = given.filter((item) => item.kind === kind)
    const steps = [...terms, ...statements.map(({ at }) => ({ from: at, everyDays: undefined }))]
    const met: { readonly dueAt: Instant; readonly givenAt: Instant }[] = []
    let every: number | null = null
    let dueAt: Instant | null = null
    for (const { from, everyDays } of steps.filter((step) => step.from <= now).toSorted((a, b) => a.from - b.from)) {
        if (everyDays === undefined) {
            if (dueAt !== null) met.push({ dueAt, givenAt: from })
            dueAt = every === null ? null : from + every * dayMs
        } else {
            every = everyDays
            dueAt = every === null ? null : Math.min(dueAt ?? Infinity, from + every * dayMs)
        }
    }
    return { dueAt, met }
}

function due(kind: DueKind, dueAt: Instant, rules: DueRules, now: Instant): Due {
    return dueBetween(kind, dueAt, dueAt + rules.kinds[kind].graceDays * dayMs, now)
}

function dueBetween(kind: DueKind, dueAt: Instant, withheldFrom: Instant, now: Instant): Due {
    return { kind, dueAt, withheldFrom, state: now < dueAt ? "given" : now < withheldFrom ? "due" : "overdue" }
}

/** A newer version is owed from when it was said, a new term from the first reminder on. Then nothing is in grace. */
function lapsing({ at, askedAt }: Lapse, rules: DueRules, now: Instant): Due {
    const remindedAt = at - Math.max(0, ...rules.kinds.agreement.remindDays) * dayMs
    return dueBetween("agreement", askedAt ?? remindedAt, at, now)
}

function lastGiven({ given }: Obliged, kind: DueKind, now: Instant): Instant | null {
    const entries = given.filter((item) => item.kind === kind && item.at <= now).map(({ at }) => at)
    return entries.length > 0 ? Math.max(...entries) : null
}

/** Mail that came back since the last proof asks for another at once: from the first of it on. */
function mailboxDueAt(obliged: Obliged, rules: DueRules, activeSince: Instant, now: Instant): Instant {
    const proved = lastGiven(obliged, "mailbox", now) ?? -Infinity
    const back = obliged.bounces.filter((at) => at > proved && at <= now).map((at) => Math.max(activeSince, at))
    return Math.min(Math.max(activeSince, proved) + rules.mailboxEveryDays * dayMs, ...back)
}

/** Null while one of them holds without end; otherwise owed from when the last of them ends, or ended. */
function lacking(
    kind: "key" | "lead",
    spans: readonly Span[],
    activeSince: Instant,
    rules: DueRules,
    now: Instant,
): Due | null {
    const end = heldUntil(spans, now)
    if (end === Infinity) return null
    if (end > now) return due(kind, end, rules, now)
    const begun = spans.filter(({ from }) => from <= now)
    return due(kind, Math.max(activeSince, ...begun.map(({ until }) => until ?? now)), rules, now)
}

/** Until when some span holds without a gap; `now` where none does. */
function heldUntil(spans: readonly Span[], now: Instant): Instant {
    return spans
        .toSorted((a, b) => a.from - b.from)
        .reduce((end, { from, until }) => (from <= end ? Math.max(end, until ?? Infinity) : end), now)
}
