/**
 * Computes the facts of a partner at an instant from the history of decisions.
 *
 * A decision is a row that is valid from an instant on (half-open) and is never overwritten. Of the valid rows the
 * latest decision counts, so past decisions can be replayed.
 */
import { canonical } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { DueKind } from "./requirements/requirement.ts"
import { type Duty, type Reporting, reportingOf } from "./reporting-duties/reporting-duties.ts"
import type { Beforehand } from "./agreements/agreement.ts"
import { type AgreementState, type Standing, type Tier, reachesCases } from "./partner.ts"

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
    readonly standing: Standing
    readonly duties: readonly Duty[]
    readonly restriction: Restriction | null
}

/** A change of one fact to a new value. */
export type Change = { [Fact in keyof Facts]: { readonly fact: Fact; readonly value: Facts[Fact] } }[keyof Facts]

/** One decision; `seq` orders the decisions. */
export type FactRow = Change & { readonly seq: number; readonly from: Instant }

/** All facts of a partner that entitlement uses. */
export interface PartnerFacts extends Facts, Computed {
    readonly partner: string
    /** When its duties require a report before publication, to be combined with facts of the case. */
    readonly reporting: Reporting
    readonly dutyRegimes: readonly string[]
}

/** Facts computed from dated rows. */
export interface Computed {
    readonly agreement: AgreementState
    /** Overdue requirements. Content is withheld until they are met. */
    readonly overdue: readonly DueKind[]
    /** Advance consent of the accepted agreement, in days; null where none is accepted. */
    readonly longestEmbargoDays: number | null
    /** All advance consents so far, also past ones. */
    readonly consented: readonly Beforehand[]
    /**
     * Since when the partner can get what a released wave of its tier contains: admitted, with this tier or a higher
     * one, and with an accepted agreement. Null where one is missing.
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
    if (facts.tier === undefined || facts.standing === undefined) return null
    return {
        tier: facts.tier,
        standing: facts.standing,
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
export function holds(facts: Facts, change: Change): boolean {
    return canonical(facts[change.fact]) === canonical(change.value)
}

/** Adds computed facts. */
export function partnerFacts(partner: string, facts: Facts, computed: Computed): PartnerFacts {
    return {
        partner,
        ...facts,
        reporting: reportingOf(facts.duties),
        dutyRegimes: facts.duties.map((duty) => duty.regime),
        agreement: computed.agreement,
        overdue: computed.overdue,
        longestEmbargoDays: computed.longestEmbargoDays,
        consented: computed.consented,
        eligibleSince: computed.eligibleSince,
        longestOfferedDays: computed.longestOfferedDays,
    }
}

/** The facts as they would be after this change. */
export function supposing(facts: PartnerFacts, change: Change): PartnerFacts {
    return partnerFacts(facts.partner, { ...facts, [change.fact]: change.value }, facts)
}

/**
 * The facts as they would be with every requirement met: what the partner gets automatically by meeting them. An
 * admitted partner without an accepted agreement must accept one.
 */
export function asGiven(facts: PartnerFacts): PartnerFacts {
    const given = { ...facts, overdue: [] }
    if (facts.agreement === "accepted" || !reachesCases(facts.standing)) return given
    return { ...given, agreement: "accepted", longestEmbargoDays: facts.longestOfferedDays }
}

/** The facts as they would be with this requirement overdue. */
export function asOverdue(facts: PartnerFacts, kind: DueKind): PartnerFacts {
    const overdue = [...new Set([...facts.overdue, kind])]
    if (kind !== "agreement") return { ...facts, overdue }
    return { ...facts, overdue, agreement: "expired", longestEmbargoDays: null }
}
