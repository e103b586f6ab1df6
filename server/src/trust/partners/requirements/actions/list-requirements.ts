/**
 * Lists partners' requirements, computed from dated rows in the transaction that decides. Nothing computed is stored.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { type LeadSpan, leadSpans } from "../../../identity/actions/count-leads.ts"
import {
    agreementState,
    consentedOf,
    inForceAt,
    isOvertaken,
    lapseOf,
    longestEmbargoOf,
    standsBy,
} from "../../agreements/agreement.ts"
import { type Due, type DueKind, type DueRules, type Obliged, duesAt, overdueAt } from "../requirement.ts"
import type { Computed, FactRow } from "../../facts.ts"
import { shippedRules } from "../../program-rules.ts"
import type { Terms } from "../../agreements/store/agreements.ts"
import * as store from "../store/requirements.ts"
import { listHistories } from "../../store/partners.ts"
import { findRulesAt, listRulesUntil } from "../../store/program-rules.ts"
import { type Tier, tiers } from "../../partner.ts"

/** Loads the requirement rules of this instant. */
export async function dueRulesAt(ctx: ActionContext, instant: Instant): Promise<DueRules> {
    return (await findRulesAt(ctx.tx, "dues", instant))?.rules ?? shippedRules.dues
}

/** Loads the dated rows of all partners (null) or one, up to this instant. */
export async function obligedAt(
    ctx: ActionContext,
    instant: Instant,
    partner: string | null,
): Promise<(partner: string) => Obliged> {
    const rowsOf = rowsIn(...(await rowsAt(ctx, instant, partner)))
    return (id) => obligedBy(rowsOf(id), instant)
}

async function rowsAt(ctx: ActionContext, instant: Instant, partner: string | null) {
    return await Promise.all([store.loadFactRows(ctx.tx, instant, partner), leadSpans(ctx, partner)])
}

/** The dated rows of one partner. */
interface Rows {
    readonly dated: readonly store.DatedRow[]
    readonly leads: Obliged["leads"]
    /** Every version of the agreement, oldest first. */
    readonly versions: readonly Terms[]
}

function rowsIn(rows: store.FactRows, leadRows: readonly LeadSpan[]): (partner: string) => Rows {
    const dated = Map.groupBy(rows.dated, (row) => row.partner)
    const leads = Map.groupBy(leadRows, (span) => span.partner)
    return (id) => ({ dated: dated.get(id) ?? [], leads: leads.get(id) ?? [], versions: rows.versions })
}

/** Lists a partner's requirements, current and next. */
export async function duesOf(ctx: ActionContext, partner: string): Promise<Due[]> {
    const obliged = await obligedAt(ctx, ctx.now, partner)
    return duesAt(obliged(partner), await dueRulesAt(ctx, ctx.now), ctx.now)
}

/** Loads for all partners (null) or one the decisions and the facts computed from dated rows. */
export async function heldAt(ctx: ActionContext, instant: Instant, partner: string | null): Promise<Map<string, Held>> {
    const [rows, leadRows] = await rowsAt(ctx, instant, partner)
    const rules = rows.rules ?? shippedRules.dues
    const rowsOf = rowsIn(rows, leadRows)
    const held = [...Map.groupBy(rows.facts, (row) => row.partner)].map(([id, facts]): [string, Held] => {
        return [id, { facts, computed: computedAt(rowsOf(id), rules, instant) }]
    })
    return new Map(held)
}

export interface Held {
    readonly facts: readonly FactRow[]
    readonly computed: Computed
}

/** Facts at any instant up to one, of all partners or one, read once for many questions. */
export interface Past {
    /** All decisions about each partner, in order. */
    readonly facts: ReadonlyMap<string, readonly FactRow[]>
    readonly computedAt: (partner: string, instant: Instant) => Computed
    /**
     * When requirements, statements or acceptances changed, for the partner or for all; some instants may be in the
     * future.
     */
    readonly changesOf: (partner: string) => readonly Instant[]
}

export async function pastUntil(ctx: ActionContext, until: Instant, partner: string | null): Promise<Past> {
    const [[rows, leadRows], facts, rules] = await Promise.all([
        rowsAt(ctx, until, partner),
        listHistories(ctx.tx, until, partner),
        listRulesUntil(ctx.tx, "dues", until),
    ])
    const rowsOf = rowsIn(rows, leadRows)
    const rulesThen = (instant: Instant) => rules.findLast(({ at }) => at <= instant)?.rules ?? shippedRules.dues
    return {
        facts: Map.groupBy(facts, (row) => row.partner),
        computedAt: (id, instant) => computedAt(asOf(rowsOf(id), instant), rulesThen(instant), instant),
        changesOf: (id) => {
            const { dated, leads, versions } = rowsOf(id)
            return [
                // The end of a term can make another version binding, like the start of a version.
                ...dated.flatMap(({ at, until: end }) => [at, end ?? at]),
                ...leads.map((span) => span.from),
                ...versions.flatMap((terms) => [terms.since, terms.appliesAt]),
                ...rules.map((rule) => rule.at),
            ]
        },
    }
}

/** The rows without later ones. */
function asOf(rows: Rows, instant: Instant): Rows {
    return {
        dated: rows.dated.filter(({ at }) => at <= instant),
        leads: rows.leads,
        versions: rows.versions.filter(({ since }) => since <= instant),
    }
}

function computedAt(rows: Rows, rules: DueRules, instant: Instant): Computed {
    const accepted = acceptedIn(rows)
    const inForce = inForceAt(rows.versions, instant)
    const offered = rows.versions.find(({ version }) => version === inForce)
    const consented = consentedOf(rows.versions, accepted, instant)
    return {
        agreement: agreementState(inForce, accepted, instant),
        overdue: overdueAt(obligedBy(rows, instant), rules, instant),
        longestEmbargoDays: longestEmbargoOf(rows.versions, accepted, instant),
        consented,
        eligibleSince: eligibleSince(rows.dated, consented),
        longestOfferedDays: offered?.longestEmbargoDays ?? null,
    }
}

function eligibleSince(dated: Rows["dated"], consented: Computed["consented"]): Instant | null {
    const active = dated.find(({ what: kind }) => kind === "active")?.at
    const agreed = consented[0]?.from
    const had = dated.flatMap((row) => (row.what === "tier" ? [{ at: row.at, seq: row.version, tier: row.value }] : []))
    const tier = since(had)
    return active === undefined || agreed === undefined || tier === null ? null : Math.max(active, agreed, tier)
}

/** Since when the tier was never lower than now. A lowered tier was reached before. */
function since(had: readonly { readonly at: Instant; readonly seq: number; readonly tier: Tier }[]): Instant | null {
    const rows = had.toSorted((a, b) => a.seq - b.seq)
    const rank = tiers.indexOf(rows.at(-1)?.tier ?? "entry")
    const low = rows.findLastIndex(({ tier }) => tiers.indexOf(tier) < rank)
    return rows[low + 1]?.at ?? null
}

function obligedBy(rows: Rows, instant: Instant): Obliged {
    const pick = (...whats: store.DatedRow["what"][]) => rows.dated.filter(({ what: kind }) => whats.includes(kind))
    const given = (value: "attestation" | "regular_reports" | "verified", kind: DueKind) =>
        pick(value).map(({ at }) => ({ kind, at }))
    return {
        activeSince: pick("active")[0]?.at ?? null,
        periods: periodsOwed(rows, instant),
        given: [
            ...given("attestation", "attestation"),
            ...given("regular_reports", "regular_reports"),
            ...given("verified", "mailbox"),
        ],
        keys: pick("key").map(({ at, until }) => ({ from: at, until })),
        leads: rows.leads,
        bounces: pick("bounced").map(({ at }) => at),
        lapse: lapseOf(rows.versions, acceptedIn(rows), instant),
    }
}

function acceptedIn({ dated }: Rows) {
    const rows = dated.filter(({ what: kind }) => kind === "accepted")
    return rows.map(({ version, at, until }) => ({ version: version ?? 0, at, endsAt: until }))
}

/**
 * The periodic requirements of the binding version, each from its acceptance and start. Without an agreement there are
 * none, and content is withheld anyway.
 */
function periodsOwed(rows: Rows, instant: Instant): Obliged["periods"] {
    const accepted = acceptedIn(rows)
    const by = standsBy(inForceAt(rows.versions, instant), accepted, instant)
    const binding = rows.versions.find(({ version }) => version === by)
    if (!binding) return []
    const firsts = rows.versions.flatMap((terms) => {
        const instants = accepted.filter(({ version }) => version === terms.version).map(({ at }) => at)
        if (instants.length === 0 || isOvertaken(terms, rows.versions)) return []
        return [{ from: Math.max(terms.appliesAt, Math.min(...instants)), owes: terms.owes }]
    })
    return binding.owes.map(({ kind }) => ({
        kind,
        terms: firsts.map(({ from, owes }) => ({
            from,
            everyDays: owes.find((period) => period.kind === kind)?.everyDays ?? null,
        })),
    }))
}
