/**
 * What is true of a partner at an instant, folded from the history of what was decided about it.
 *
 * Nothing is overwritten: a decision is a row that holds from an instant on (half-open), and of the rows that hold,
 * the one decided last counts. So any past decision can be replayed on the facts of its moment.
 */
import { canonical } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { DueKind } from "./requirements/requirement.ts"
import { type Duty, type Reporting, reportingOf } from "./reporting-duties/reporting-duties.ts"
import type { Beforehand } from "./agreements/agreement.ts"
import { type AgreementState, type Standing, type Tier, reachesCases } from "./partner.ts"

/** A risk decision about one partner. It only ever takes away from what policy gives. */
export interface Restriction {
    /** Classes of artifacts that are withheld. */
    readonly withhold: readonly string[]
    /** Nothing before publication, whatever the class. */
    readonly notBeforePublication: boolean
    /** The cases it holds for, and with them those that bypass or vary these; null: all. */
    readonly cases: readonly string[] | null
}

/** What is decided about a partner, each from an instant on. */
export interface Facts {
    readonly tier: Tier
    readonly standing: Standing
    readonly duties: readonly Duty[]
    readonly restriction: Restriction | null
}

/** One fact that is to become this value. */
export type Change = { [Fact in keyof Facts]: { readonly fact: Fact; readonly value: Facts[Fact] } }[keyof Facts]

/** One decision of the history; `seq` is the order in which they were taken. */
export type FactRow = Change & { readonly seq: number; readonly from: Instant }

/** Everything that an entitlement asks about a partner. */
export interface PartnerFacts extends Facts, Computed {
    readonly partner: string
    /** When its duties have it report before publication: for a decision, with what is known of the case. */
    readonly reporting: Reporting
    readonly dutyRegimes: readonly string[]
}

/** What follows from dated rows. */
export interface Computed {
    readonly agreement: AgreementState
    /** What it owes, past its grace: content waits until it is given. */
    readonly overdue: readonly DueKind[]
    /** What the agreement that stands accepted consents to beforehand; null where none does. */
    readonly longestEmbargoDays: number | null
    /** What it consented to beforehand so far, also where it does no more. */
    readonly consented: readonly Beforehand[]
    /**
     * Since when the partner can have what a released wave of its tier opened: it was admitted, has had this tier or a
     * higher one, and had accepted an agreement. Null where one of them is missing.
     */
    readonly eligibleSince: Instant | null
    /** What the one in force consents to, whoever accepted it; null where none is. */
    readonly longestOfferedDays: number | null
}

/** The facts at this instant; null where the partner was not there yet. The order of `rows` does not matter. */
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

/** The facts at this instant, and after each change that is already decided for later. Empty before the partner was there. */
export function factsFrom(rows: readonly FactRow[], instant: Instant): Facts[] {
    const later = rows.map((row) => row.from).filter((from) => from > instant)
    return [instant, ...new Set(later.toSorted((a, b) => a - b))].flatMap((at) => factsAt(rows, at) ?? [])
}

/** Whether a fact has this value already. */
export function holds(facts: Facts, change: Change): boolean {
    return canonical(facts[change.fact]) === canonical(change.value)
}

/** The facts with what follows from them. */
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

/** As if this change held. */
export function supposing(facts: PartnerFacts, change: Change): PartnerFacts {
    return partnerFacts(facts.partner, { ...facts, [change.fact]: change.value }, facts)
}

/**
 * As if it had given all that it owes: what it has by itself as soon as it does. Whoever was let in by two and has not
 * accepted yet owes that.
 */
export function asGiven(facts: PartnerFacts): PartnerFacts {
    const given = { ...facts, overdue: [] }
    if (facts.agreement === "accepted" || !reachesCases(facts.standing)) return given
    return { ...given, agreement: "accepted", longestEmbargoDays: facts.longestOfferedDays }
}

/** As if it had not given this one. */
export function asOverdue(facts: PartnerFacts, kind: DueKind): PartnerFacts {
    const overdue = [...new Set([...facts.overdue, kind])]
    if (kind !== "agreement") return { ...facts, overdue }
    return { ...facts, overdue, agreement: "lapsed", longestEmbargoDays: null }
}
