/**
 * Computes the facts of a partner at an instant from the history of decisions.
 *
 * A decision is a row that is valid from an instant on (half-open) and is never overwritten. Of the valid rows the
 * latest decision counts, so past decisions can be replayed.
 */
import { canonical } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { RequirementKind } from "./requirements/requirement.ts"
import { type Duty, type Reporting, reportingOf } from "./reporting-duties/reporting-duties.ts"
import type { AdvanceConsent } from "./agreements/agreement.ts"
import { type AgreementState, type PartnerStatus, type Tier, hasCaseAccess } from "./partner.ts"

/** A risk decision about one partner. It only takes away what policy gives. */
export interface Restriction {
    /** Classes of artifacts that are withheld from the partner. */
    readonly withhold: readonly string[]
    /** Whether everything is withheld before publication. */
    readonly notBeforePublication: boolean
    /** The affected cases, with cases linked as bypass or variant; null: all cases. */
    readonly cases: readonly string[] | null
}

/** The decisions about a partner. */
export interface Facts {
    readonly tier: Tier
    readonly status: PartnerStatus
    readonly duties: readonly Duty[]
    readonly restriction: Restriction | null
}

/** A change of one fact to a new value. */
export type FactChange = { [Fact in keyof Facts]: { readonly fact: Fact; readonly value: Facts[Fact] } }[keyof Facts]

/** One decision; `seq` orders the decisions. */
export type FactRow = FactChange & { readonly seq: number; readonly from: Instant }

/** All facts of a partner that entitlement uses. */
export interface PartnerFacts extends Facts, ComputedFacts {
    readonly partner: string
    /** When its duties require a report before publication, to be combined with facts of the case. */
    readonly reporting: Reporting
    readonly dutyRegimes: readonly string[]
}

/** Facts computed from dated rows. */
export interface ComputedFacts {
    readonly agreement: AgreementState
    /** Overdue requirements. Content is withheld until they are met. */
    readonly overdue: readonly RequirementKind[]
    /** Advance consent of the accepted agreement, in days; null where none is accepted. */
    readonly longestEmbargoDays: number | null
    /** All advance consents so far, also past ones. */
    readonly advanceConsents: readonly AdvanceConsent[]
    /**
     * The instant since which the partner can get the content of a released wave of its tier: admitted, with this tier
     * or a higher one, and with an accepted agreement. Null where one is missing.
     */
    readonly eligibleSince: Instant | null
    /** Advance consent of the agreement in force, accepted or not, in days; null where none is in force. */
    readonly longestOfferedDays: number | null
}

/** Facts at this instant; null where the partner did not exist yet. The order of `rows` does not matter. */
export function factsAt(rows: readonly FactRow[], instant: Instant): Facts | null {
    const last = new Map<keyof Facts, FactRow>()
    for (const row of rows) {
        const before = last.get(row.fact)
        if (row.from <= instant && !(before && before.seq > row.seq)) last.set(row.fact, row)
    }
    const facts = Object.fromEntries([...last].map(([fact, row]) => [fact, row.value])) as Partial<Facts>
    if (facts.tier === undefined || facts.status === undefined) return null
    return {
        tier: facts.tier,
        status: facts.status,
        duties: facts.duties ?? [],
        restriction: facts.restriction ?? null,
    }
}

/** Facts at this instant and after each later change that is already decided. Empty before the partner existed. */
export function factsFrom(rows: readonly FactRow[], instant: Instant): Facts[] {
    const later = rows.map((row) => row.from).filter((from) => from > instant)
    return [instant, ...new Set(later.toSorted((a, b) => a - b))].flatMap((at) => factsAt(rows, at) ?? [])
}

/** Whether a fact already has this value. */
export function hasValue(facts: Facts, change: FactChange): boolean {
    return canonical(facts[change.fact]) === canonical(change.value)
}

/** Adds computed facts. */
export function combineFacts(partner: string, facts: Facts, computed: ComputedFacts): PartnerFacts {
    return {
        partner,
        ...facts,
        reporting: reportingOf(facts.duties),
        dutyRegimes: facts.duties.map((duty) => duty.regime),
        agreement: computed.agreement,
        overdue: computed.overdue,
        longestEmbargoDays: computed.longestEmbargoDays,
        advanceConsents: computed.advanceConsents,
        eligibleSince: computed.eligibleSince,
        longestOfferedDays: computed.longestOfferedDays,
    }
}

/** The facts as they would be after this change. */
export function withChange(facts: PartnerFacts, change: FactChange): PartnerFacts {
    return combineFacts(facts.partner, { ...facts, [change.fact]: change.value }, facts)
}

/**
 * The facts as they would be with every requirement met: the access that the partner regains automatically by meeting
 * them. An admitted partner without an accepted agreement must accept one.
 */
export function withRequirementsMet(facts: PartnerFacts): PartnerFacts {
    const met = { ...facts, overdue: [] }
    if (facts.agreement === "accepted" || !hasCaseAccess(facts.status)) return met
    return { ...met, agreement: "accepted", longestEmbargoDays: facts.longestOfferedDays }
}

/** The facts as they would be with this requirement overdue. */
export function withOverdue(facts: PartnerFacts, kind: RequirementKind): PartnerFacts {
    const overdue = [...new Set([...facts.overdue, kind])]
    if (kind !== "agreement") return { ...facts, overdue }
    return { ...facts, overdue, agreement: "expired", longestEmbargoDays: null }
}
