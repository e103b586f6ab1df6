/**
 * Computes a partner's requirements from dated rows: due since when, and withholding content from when. No state is
 * stored.
 *
 * A requirement becomes due, has a grace period, and is then overdue: content is withheld until it is met. The same
 * rows at the same instant give the same answer, so past decisions can be replayed.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import type { Lapse } from "../agreements/agreement.ts"
import type { PeriodicKind } from "../agreements/obligation.ts"

export const dueKinds = ["agreement", "attestation", "regular_reports", "mailbox", "key", "lead"] as const
/**
 * `agreement`: a new acceptance before the term ends or a newer version applies. `mailbox`: proof that the partner's
 * address is read. `key`: a usable key for copies. `lead`: a person who can act for the partner.
 */
export type DueKind = (typeof dueKinds)[number]

/** Grace period and reminders of a requirement. */
export interface DueRule {
    readonly graceDays: number
    /** Days before content is withheld at which the partner is reminded. */
    readonly remindDays: readonly number[]
}

/** The rules of requirements. */
export interface DueRules {
    readonly kinds: Readonly<Record<DueKind, DueRule>>
    /** How many days a mailbox proof is valid. */
    readonly mailboxEveryDays: number
    /** Default notice of a new agreement version, in days. */
    readonly agreementNoticeDays: number
    /** Maximum days of use of a key; for keys added from then on. */
    readonly keyDaysMax: number
}

/** A span of time: from an instant until another (half-open), or open. */
export interface Span {
    readonly from: Instant
    readonly until: Instant | null
}

/** A periodic kind with every accepted version, in order. */
export interface Periodic {
    readonly kind: PeriodicKind
    /** How often a version requires it, from its acceptance; null: not at all. */
    readonly terms: readonly { readonly from: Instant; readonly everyDays: number | null }[]
}

/** The dated rows of one partner. Rows later than the instant in question are ignored. */
export interface Obliged {
    /** When the partner first became active; null: no requirements yet. */
    readonly activeSince: Instant | null
    /** Periodic requirements of the binding agreement. */
    readonly periods: readonly Periodic[]
    readonly given: readonly { readonly kind: DueKind; readonly at: Instant }[]
    readonly keys: readonly Span[]
    readonly leads: readonly Span[]
    /** When mail to the partner bounced. */
    readonly bounces: readonly Instant[]
    /** When the acceptance expires or expired; null: it does not, or there is none. */
    readonly lapse: Lapse | null
}

/** A requirement of a partner, with its dates. */
export interface Due {
    readonly kind: DueKind
    /** When it becomes due. */
    readonly dueAt: Instant
    /** When it starts to withhold content. */
    readonly withheldFrom: Instant
    readonly state: "met" | "due" | "overdue"
}

/** Lists current and next requirements; for met ones, the next time they are due. */
export function duesAt(obliged: Obliged, rules: DueRules, now: Instant): Due[] {
    const { activeSince } = obliged
    if (activeSince === null || activeSince > now) return []
    // The end of a key is known in advance; that of a lead is not.
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

/** The kinds that withhold content at this instant, in a fixed order. */
export function overdueAt(obliged: Obliged, rules: DueRules, now: Instant): DueKind[] {
    const kinds = duesAt(obliged, rules, now).filter((requirement) => requirement.state === "overdue")
    return dueKinds.filter((kind) => kinds.some((requirement) => requirement.kind === kind))
}

/** Names of the reminders that have come due, in order. A name is the same at each call. */
export function remindersOf(requirement: Due, rules: DueRules, now: Instant): string[] {
    const before = rules.kinds[requirement.kind].remindDays.toSorted((a, b) => b - a)
    const steps = before.map((days) => ({ at: requirement.withheldFrom - days * dayMs, step: `${days} days before` }))
    // An expired key opens no new copy, even in the grace period.
    const ending = requirement.kind === "key" && requirement.state === "met" ? before : []
    const ends = ending.map((days) => ({ at: requirement.dueAt - days * dayMs, step: `${days} days before its end` }))
    const list = [...ends, ...steps].toSorted((a, b) => a.at - b.at)
    return [...list, { at: requirement.withheldFrom, step: "lowered" }]
        .filter(({ at }) => at <= now)
        .map(({ step }) => step)
}

/** Counts statements since `from` that were given after the grace period, or are missing by now. */
export function lateCount(obliged: Obliged, rules: DueRules, from: Instant, now: Instant): number {
    return obliged.periods.reduce((sum, period) => {
        const { dueAt, met } = followed(period, obliged, now)
        const graceMs = rules.kinds[period.kind].graceDays * dayMs
        const late = met.filter((item) => item.givenAt >= from && item.givenAt >= item.dueAt + graceMs).length
        return sum + late + (dueAt !== null && now >= dueAt + graceMs ? 1 : 0)
    }, 0)
}

/**
 * Follows a kind through acceptances and statements. A statement is due one period after the last one, or after the
 * first acceptance that requires it. A new version neither cancels a due statement nor requires one at once.
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
    return { kind, dueAt, withheldFrom, state: now < dueAt ? "met" : now < withheldFrom ? "due" : "overdue" }
}

/** A newer version is due from its announcement, a new term from the first reminder. There is no grace period then. */
function lapsing({ at, askedAt }: Lapse, rules: DueRules, now: Instant): Due {
    const remindedAt = at - Math.max(0, ...rules.kinds.agreement.remindDays) * dayMs
    return dueBetween("agreement", askedAt ?? remindedAt, at, now)
}

function lastGiven({ given }: Obliged, kind: DueKind, now: Instant): Instant | null {
    const entries = given.filter((item) => item.kind === kind && item.at <= now).map(({ at }) => at)
    return entries.length > 0 ? Math.max(...entries) : null
}

/** A bounce since the last proof requires a new proof at once, from the first bounce on. */
function mailboxDueAt(obliged: Obliged, rules: DueRules, activeSince: Instant, now: Instant): Instant {
    const proved = lastGiven(obliged, "mailbox", now) ?? -Infinity
    const back = obliged.bounces.filter((at) => at > proved && at <= now).map((at) => Math.max(activeSince, at))
    return Math.min(Math.max(activeSince, proved) + rules.mailboxEveryDays * dayMs, ...back)
}

/** Null while a span is open. Otherwise due from the end of the last span. */
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

/** Until when the spans cover without a gap; `now` where none does. */
function heldUntil(spans: readonly Span[], now: Instant): Instant {
    return spans
        .toSorted((a, b) => a.from - b.from)
        .reduce((end, { from, until }) => (from <= end ? Math.max(end, until ?? Infinity) : end), now)
}
