/**
 * Computes a partner's requirements from dated rows: due since when, and withholding content from when. No state is
 * stored.
 *
 * A requirement becomes due, has a grace period, and is then overdue: content is withheld until it is met. The same
 * rows at the same instant give the same answer, so past decisions can be replayed.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import type { AcceptanceExpiry } from "../agreements/agreement.ts"
import type { PeriodicKind } from "../agreements/obligation.ts"

export const requirementKinds = ["agreement", "attestation", "regular_reports", "mailbox", "key", "lead"] as const
/**
 * `agreement`: a new acceptance before the term ends or a newer version applies. `mailbox`: proof that the partner's
 * address is read. `key`: a usable key for copies. `lead`: a person who can act for the partner.
 */
export type RequirementKind = (typeof requirementKinds)[number]

/** Grace period and reminders of a requirement. */
export interface RequirementRule {
    readonly graceDays: number
    /** Days before content is withheld at which the partner is reminded. */
    readonly remindDays: readonly number[]
}

/** The rules of requirements. */
export interface RequirementRules {
    readonly kinds: Readonly<Record<RequirementKind, RequirementRule>>
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
export interface PeriodicRequirement {
    readonly kind: PeriodicKind
    /** How often a version requires it, from its acceptance; null: not at all. */
    readonly terms: readonly { readonly from: Instant; readonly everyDays: number | null }[]
}

/** The dated rows of one partner. Rows later than the instant in question are ignored. */
export interface RequirementFacts {
    /** When the partner first became active; null: no requirements yet. */
    readonly activeSince: Instant | null
    /** Periodic requirements of the binding agreement. */
    readonly periods: readonly PeriodicRequirement[]
    readonly submitted: readonly { readonly kind: RequirementKind; readonly at: Instant }[]
    readonly keys: readonly Span[]
    readonly leads: readonly Span[]
    /** When mail to the partner bounced. */
    readonly bounces: readonly Instant[]
    /** When the acceptance expires or expired; null: it does not, or there is none. */
    readonly expiry: AcceptanceExpiry | null
}

/** A requirement of a partner, with its dates. */
export interface Requirement {
    readonly kind: RequirementKind
    /** When it becomes due. */
    readonly dueAt: Instant
    /** When it starts to withhold content. */
    readonly withheldFrom: Instant
    readonly state: "met" | "due" | "overdue"
}

/** Lists current and next requirements; for met ones, the next time they are due. */
export function requirementsAt(facts: RequirementFacts, rules: RequirementRules, now: Instant): Requirement[] {
    const { activeSince } = facts
    if (activeSince === null || activeSince > now) return []
    // The end of a key is known in advance; that of a lead is not.
    const withoutKnownEnd = (span: Span) => ((span.until ?? now) > now ? { ...span, until: null } : span)
    const found: (Requirement | null)[] = [
        facts.expiry && agreementRequirement(facts.expiry, rules, now),
        ...facts.periods.map((period) => {
            const { dueAt } = followPeriod(period, facts, now)
            return dueAt === null ? null : requirementDueAt(period.kind, dueAt, rules, now)
        }),
        requirementDueAt("mailbox", mailboxDueAt(facts, rules, activeSince, now), rules, now),
        missingRequirement("key", facts.keys, activeSince, rules, now),
        missingRequirement("lead", facts.leads.map(withoutKnownEnd), activeSince, rules, now),
    ]
    return found.filter((requirement) => requirement !== null)
}

/** The kinds that withhold content at this instant, in a fixed order. */
export function overdueAt(facts: RequirementFacts, rules: RequirementRules, now: Instant): RequirementKind[] {
    const kinds = requirementsAt(facts, rules, now).filter((requirement) => requirement.state === "overdue")
    return requirementKinds.filter((kind) => kinds.some((requirement) => requirement.kind === kind))
}

/** Names of the reminders that have come due, in order. A name is the same at each call. */
export function remindersOf(requirement: Requirement, rules: RequirementRules, now: Instant): string[] {
    const before = rules.kinds[requirement.kind].remindDays.toSorted((a, b) => b - a)
    const steps = before.map((days) => ({ at: requirement.withheldFrom - days * dayMs, step: `${days} days before` }))
    // An expired key opens no new copy, even in the grace period.
    const daysBeforeEnd = requirement.kind === "key" && requirement.state === "met" ? before : []
    const endSteps = daysBeforeEnd.map((days) => ({
        at: requirement.dueAt - days * dayMs,
        step: `${days} days before its end`,
    }))
    const list = [...endSteps, ...steps].toSorted((a, b) => a.at - b.at)
    return [...list, { at: requirement.withheldFrom, step: "lowered" }]
        .filter(({ at }) => at <= now)
        .map(({ step }) => step)
}

/** Counts statements since `from` that were given after the grace period, or are missing by now. */
export function countLate(facts: RequirementFacts, rules: RequirementRules, from: Instant, now: Instant): number {
    return facts.periods.reduce((sum, period) => {
        const { dueAt, met } = followPeriod(period, facts, now)
        const graceMs = rules.kinds[period.kind].graceDays * dayMs
        const late = met.filter(
            (statement) => statement.submittedAt >= from && statement.submittedAt >= statement.dueAt + graceMs,
        ).length
        return sum + late + (dueAt !== null && now >= dueAt + graceMs ? 1 : 0)
    }, 0)
}

/**
 * Follows a kind through acceptances and statements. A statement is due one period after the last one, or after the
 * first acceptance that requires it. A new version neither cancels a due statement nor requires one at once.
 */
function followPeriod({ kind, terms }: PeriodicRequirement, { submitted }: RequirementFacts, now: Instant) {
    const statements = submitted.filter((statement) => statement.kind === kind)
    const steps = [...terms, ...statements.map(({ at }) => ({ from: at, everyDays: undefined }))]
    const met: { readonly dueAt: Instant; readonly submittedAt: Instant }[] = []
    let everyDaysNow: number | null = null
    let dueAt: Instant | null = null
    for (const { from, everyDays } of steps.filter((step) => step.from <= now).toSorted((a, b) => a.from - b.from)) {
        if (everyDays === undefined) {
            if (dueAt !== null) met.push({ dueAt, submittedAt: from })
            dueAt = everyDaysNow === null ? null : from + everyDaysNow * dayMs
        } else {
            everyDaysNow = everyDays
            dueAt = everyDaysNow === null ? null : Math.min(dueAt ?? Infinity, from + everyDaysNow * dayMs)
        }
    }
    return { dueAt, met }
}

function requirementDueAt(kind: RequirementKind, dueAt: Instant, rules: RequirementRules, now: Instant): Requirement {
    return requirementBetween(kind, dueAt, dueAt + rules.kinds[kind].graceDays * dayMs, now)
}

function requirementBetween(kind: RequirementKind, dueAt: Instant, withheldFrom: Instant, now: Instant): Requirement {
    return { kind, dueAt, withheldFrom, state: now < dueAt ? "met" : now < withheldFrom ? "due" : "overdue" }
}

/** A newer version is due from its announcement, a new term from the first reminder. There is no grace period then. */
function agreementRequirement(
    { at, announcedAt }: AcceptanceExpiry,
    rules: RequirementRules,
    now: Instant,
): Requirement {
    const remindedAt = at - Math.max(0, ...rules.kinds.agreement.remindDays) * dayMs
    return requirementBetween("agreement", announcedAt ?? remindedAt, at, now)
}

function findLastSubmitted({ submitted }: RequirementFacts, kind: RequirementKind, now: Instant): Instant | null {
    const entries = submitted.filter((statement) => statement.kind === kind && statement.at <= now).map(({ at }) => at)
    return entries.length > 0 ? Math.max(...entries) : null
}

/** A bounce since the last proof requires a new proof at once, from the first bounce on. */
function mailboxDueAt(facts: RequirementFacts, rules: RequirementRules, activeSince: Instant, now: Instant): Instant {
    const verifiedAt = findLastSubmitted(facts, "mailbox", now) ?? -Infinity
    const bouncedAt = facts.bounces.filter((at) => at > verifiedAt && at <= now).map((at) => Math.max(activeSince, at))
    return Math.min(Math.max(activeSince, verifiedAt) + rules.mailboxEveryDays * dayMs, ...bouncedAt)
}

/** Null while a span is open. Otherwise due from the end of the last span. */
function missingRequirement(
    kind: "key" | "lead",
    spans: readonly Span[],
    activeSince: Instant,
    rules: RequirementRules,
    now: Instant,
): Requirement | null {
    const end = coveredUntil(spans, now)
    if (end === Infinity) return null
    if (end > now) return requirementDueAt(kind, end, rules, now)
    const started = spans.filter(({ from }) => from <= now)
    return requirementDueAt(kind, Math.max(activeSince, ...started.map(({ until }) => until ?? now)), rules, now)
}

/** Until when the spans cover without a gap; `now` where none does. */
function coveredUntil(spans: readonly Span[], now: Instant): Instant {
    return spans
        .toSorted((a, b) => a.from - b.from)
        .reduce((end, { from, until }) => (from <= end ? Math.max(end, until ?? Infinity) : end), now)
}
