/** What partners owe, read from their dated rows in the transaction that decides by it. Nothing of it is kept. */
import type { Instant } from "../../../lib/instant.ts"
import type { Act } from "../../audit/actions.ts"
import { type LeadSpan, leadSpans } from "../../identity/actions/leads.ts"
import {
    agreementState,
    consentedOf,
    inForceAt,
    isOvertaken,
    lapseOf,
    longestEmbargoOf,
    standsBy,
} from "../agreement.ts"
import { type Due, type DueKind, type DueRules, type Obliged, duesAt, overdueAt } from "../dues.ts"
import type { Computed, FactRow } from "../facts.ts"
import { shippedRules } from "../rules.ts"
import type { Terms } from "../store/agreements.ts"
import * as store from "../store/dues.ts"
import { rulesAt } from "../store/rules.ts"

/** As the rules were at this instant. */
export async function dueRulesAt(act: Act, instant: Instant): Promise<DueRules> {
    return (await rulesAt(act.tx, "dues", instant))?.rules ?? shippedRules.dues
}

/** The dated rows of each partner, or of one, up to this instant. */
export async function obligedAt(
    act: Act,
    instant: Instant,
    partner: string | null,
): Promise<(partner: string) => Obliged> {
    const rowsOf = rowsIn(...(await rowsAt(act, instant, partner)))
    return (id) => obligedBy(rowsOf(id), instant)
}

async function rowsAt(act: Act, instant: Instant, partner: string | null) {
    return await Promise.all([store.factRows(act.tx, instant, partner), leadSpans(act, partner)])
}

/** Of one partner. */
interface Rows {
    readonly dated: readonly store.DatedRow[]
    readonly leads: Obliged["leads"]
    /** Of every version of the agreement, oldest first. */
    readonly versions: readonly Terms[]
}

function rowsIn(rows: store.FactRows, leadRows: readonly LeadSpan[]): (partner: string) => Rows {
    const dated = Map.groupBy(rows.dated, (row) => row.partner)
    const leads = Map.groupBy(leadRows, (span) => span.partner)
    return (id) => ({ dated: dated.get(id) ?? [], leads: leads.get(id) ?? [], versions: rows.versions })
}

/** What one partner owes now, and what falls due next. */
export async function duesOf(act: Act, partner: string): Promise<Due[]> {
    const obliged = await obligedAt(act, act.now, partner)
    return duesAt(obliged(partner), await dueRulesAt(act, act.now), act.now)
}

/** What holds of each partner, or of one: the decisions about it, and what follows from its dated rows. */
export async function heldAt(act: Act, instant: Instant, partner: string | null): Promise<Map<string, Held>> {
    const [rows, leadRows] = await rowsAt(act, instant, partner)
    const rules = rows.rules ?? shippedRules.dues
    const rowsOf = rowsIn(rows, leadRows)
    const inForce = inForceAt(rows.versions, instant)
    const offered = rows.versions.find(({ version }) => version === inForce)
    const held = [...Map.groupBy(rows.facts, (row) => row.partner)].map(([id, facts]): [string, Held] => {
        const its = rowsOf(id)
        const computed = {
            agreement: agreementState(inForce, acceptedIn(its), instant),
            overdue: overdueAt(obligedBy(its, instant), rules, instant),
            longestEmbargoDays: longestEmbargoOf(its.versions, acceptedIn(its), instant),
            consented: consentedOf(its.versions, acceptedIn(its), instant),
            longestOfferedDays: offered?.longestEmbargoDays ?? null,
        }
        return [id, { facts, computed }]
    })
    return new Map(held)
}

export interface Held {
    readonly facts: readonly FactRow[]
    readonly computed: Computed
}

function obligedBy(rows: Rows, instant: Instant): Obliged {
    const of = (...whats: store.DatedRow["what"][]) => rows.dated.filter(({ what }) => whats.includes(what))
    const given = (what: "attestation" | "regular reports" | "proved", kind: DueKind) =>
        of(what).map(({ at }) => ({ kind, at }))
    return {
        activeSince: of("active")[0]?.at ?? null,
        periods: periodsOwed(rows, instant),
        given: [
            ...given("attestation", "attestation"),
            ...given("regular reports", "regular reports"),
            ...given("proved", "mailbox"),
        ],
        keys: of("key").map(({ at, until }) => ({ from: at, until })),
        leads: rows.leads,
        bounces: of("bounced").map(({ at }) => at),
        lapse: lapseOf(rows.versions, acceptedIn(rows), instant),
    }
}

function acceptedIn({ dated }: Rows) {
    const rows = dated.filter(({ what }) => what === "accepted")
    return rows.map(({ version, at, until }) => ({ version: version ?? 0, at, endsAt: until }))
}

/**
 * What the version that binds asks for; each from when it was accepted and applies. Without one nothing is owed by it;
 * content waits in any case.
 */
function periodsOwed(rows: Rows, instant: Instant): Obliged["periods"] {
    const accepted = acceptedIn(rows)
    const by = standsBy(inForceAt(rows.versions, instant), accepted, instant)
    const binding = rows.versions.find(({ version }) => version === by)
    if (!binding) return []
    const firsts = rows.versions.flatMap((one) => {
        const instants = accepted.filter(({ version }) => version === one.version).map(({ at }) => at)
        if (instants.length === 0 || isOvertaken(one, rows.versions)) return []
        return [{ from: Math.max(one.appliesAt, Math.min(...instants)), owes: one.owes }]
    })
    return binding.owes.map(({ kind }) => ({
        kind,
        terms: firsts.map(({ from, owes }) => ({
            from,
            everyDays: owes.find((period) => period.kind === kind)?.everyDays ?? null,
        })),
    }))
}
