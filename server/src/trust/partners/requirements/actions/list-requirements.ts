/**
 * Lists partners' requirements, computed from dated rows in the transaction that decides. Nothing computed is stored.
 */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { type LeadSpan, listLeadSpans } from "../../../identity/actions/list-lead-spans.ts"
import {
    agreementState,
    advanceConsentsOf,
    inForceAt,
    isSuperseded,
    expiryOf,
    longestEmbargoOf,
    boundVersion,
} from "../../agreements/agreement.ts"
import {
    type Requirement,
    type RequirementKind,
    type RequirementRules,
    type RequirementFacts,
    requirementsAt,
    overdueAt,
} from "../requirement.ts"
import type { ComputedFacts, FactRow } from "../../facts.ts"
import { shippedRules } from "../../program-rules.ts"
import type { Terms } from "../../agreements/store/agreements.ts"
import * as store from "../store/requirements.ts"
import { listHistories } from "../../store/partners.ts"
import { findRulesAt, listRulesUntil } from "../../store/program-rules.ts"
import { type Tier, tiers } from "../../partner.ts"

/** Loads the requirement rules of this instant. */
export async function loadRequirementRules(ctx: ActionContext, instant: Instant): Promise<RequirementRules> {
    return (await findRulesAt(ctx.tx, "requirements", instant))?.rules ?? shippedRules.requirements
}

/** Loads the dated rows of all partners (null) or one, up to this instant. */
export async function loadRequirementFacts(
    ctx: ActionContext,
    instant: Instant,
    partner: string | null,
): Promise<(partner: string) => RequirementFacts> {
    const rowsOf = groupByPartner(...(await loadRows(ctx, instant, partner)))
    return (id) => requirementFactsOf(rowsOf(id), instant)
}

async function loadRows(ctx: ActionContext, instant: Instant, partner: string | null) {
    return await Promise.all([store.loadFactRows(ctx.tx, instant, partner), listLeadSpans(ctx, partner)])
}

/** The dated rows of one partner. */
interface PartnerRows {
    readonly dated: readonly store.DatedRow[]
    readonly leads: RequirementFacts["leads"]
    /** Every version of the agreement, oldest first. */
    readonly versions: readonly Terms[]
}

function groupByPartner(rows: store.FactRows, leadRows: readonly LeadSpan[]): (partner: string) => PartnerRows {
    const dated = Map.groupBy(rows.dated, (row) => row.partner)
    const leads = Map.groupBy(leadRows, (span) => span.partner)
    return (id) => ({ dated: dated.get(id) ?? [], leads: leads.get(id) ?? [], versions: rows.versions })
}

/** Lists a partner's requirements, current and next. */
export async function listRequirements(ctx: ActionContext, partner: string): Promise<Requirement[]> {
    const factsOf = await loadRequirementFacts(ctx, ctx.now, partner)
    return requirementsAt(factsOf(partner), await loadRequirementRules(ctx, ctx.now), ctx.now)
}

/** Loads for all partners (null) or one the decisions and the facts computed from dated rows. */
export async function loadFactsWithRows(
    ctx: ActionContext,
    instant: Instant,
    partner: string | null,
): Promise<Map<string, FactsWithRows>> {
    const [rows, leadRows] = await loadRows(ctx, instant, partner)
    const rules = rows.rules ?? shippedRules.requirements
    const rowsOf = groupByPartner(rows, leadRows)
    const entries = [...Map.groupBy(rows.facts, (row) => row.partner)].map(([id, facts]): [string, FactsWithRows] => {
        return [id, { facts, computed: computedAt(rowsOf(id), rules, instant) }]
    })
    return new Map(entries)
}

export interface FactsWithRows {
    readonly facts: readonly FactRow[]
    readonly computed: ComputedFacts
}

/** Facts at any instant up to one, of all partners or one, read once for many questions. */
export interface PastRows {
    /** All decisions about each partner, in order. */
    readonly facts: ReadonlyMap<string, readonly FactRow[]>
    readonly computedAt: (partner: string, instant: Instant) => ComputedFacts
    /**
     * When requirements, statements or acceptances changed, for the partner or for all; some instants may be in the
     * future.
     */
    readonly changesOf: (partner: string) => readonly Instant[]
}

export async function loadPastRows(ctx: ActionContext, until: Instant, partner: string | null): Promise<PastRows> {
    const [[rows, leadRows], facts, rules] = await Promise.all([
        loadRows(ctx, until, partner),
        listHistories(ctx.tx, until, partner),
        listRulesUntil(ctx.tx, "requirements", until),
    ])
    const rowsOf = groupByPartner(rows, leadRows)
    const rulesAt = (instant: Instant) => rules.findLast(({ at }) => at <= instant)?.rules ?? shippedRules.requirements
    return {
        facts: Map.groupBy(facts, (row) => row.partner),
        computedAt: (id, instant) => computedAt(rowsUntil(rowsOf(id), instant), rulesAt(instant), instant),
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
function rowsUntil(rows: PartnerRows, instant: Instant): PartnerRows {
    return {
        dated: rows.dated.filter(({ at }) => at <= instant),
        leads: rows.leads,
        versions: rows.versions.filter(({ since }) => since <= instant),
    }
}

function computedAt(rows: PartnerRows, rules: RequirementRules, instant: Instant): ComputedFacts {
    const acceptances = acceptancesIn(rows)
    const inForce = inForceAt(rows.versions, instant)
    const offered = rows.versions.find(({ version }) => version === inForce)
    const advanceConsents = advanceConsentsOf(rows.versions, acceptances, instant)
    return {
        agreement: agreementState(inForce, acceptances, instant),
        overdue: overdueAt(requirementFactsOf(rows, instant), rules, instant),
        longestEmbargoDays: longestEmbargoOf(rows.versions, acceptances, instant),
        advanceConsents,
        eligibleSince: eligibleSince(rows.dated, advanceConsents),
        longestOfferedDays: offered?.longestEmbargoDays ?? null,
    }
}

function eligibleSince(dated: PartnerRows["dated"], advanceConsents: ComputedFacts["advanceConsents"]): Instant | null {
    const activeFrom = dated.find(({ kind }) => kind === "active")?.at
    const agreedFrom = advanceConsents[0]?.from
    const tierChanges = dated.flatMap((row) =>
        row.kind === "tier" ? [{ at: row.at, seq: row.version, tier: row.value }] : [],
    )
    const tier = heldSince(tierChanges)
    return activeFrom === undefined || agreedFrom === undefined || tier === null
        ? null
        : Math.max(activeFrom, agreedFrom, tier)
}

/** Since when the tier was never lower than now. A lowered tier was reached before. */
function heldSince(
    tierChanges: readonly { readonly at: Instant; readonly seq: number; readonly tier: Tier }[],
): Instant | null {
    const rows = tierChanges.toSorted((a, b) => a.seq - b.seq)
    const rank = tiers.indexOf(rows.at(-1)?.tier ?? "entry")
    const low = rows.findLastIndex(({ tier }) => tiers.indexOf(tier) < rank)
    return rows[low + 1]?.at ?? null
}

function requirementFactsOf(rows: PartnerRows, instant: Instant): RequirementFacts {
    const rowsOfKinds = (...kinds: store.DatedRow["kind"][]) => rows.dated.filter(({ kind }) => kinds.includes(kind))
    const submittedOf = (value: "attestation" | "regular_reports" | "verified", kind: RequirementKind) =>
        rowsOfKinds(value).map(({ at }) => ({ kind, at }))
    return {
        activeSince: rowsOfKinds("active")[0]?.at ?? null,
        periods: periodsRequired(rows, instant),
        submitted: [
            ...submittedOf("attestation", "attestation"),
            ...submittedOf("regular_reports", "regular_reports"),
            ...submittedOf("verified", "mailbox"),
        ],
        keys: rowsOfKinds("key").map(({ at, until }) => ({ from: at, until })),
        leads: rows.leads,
        bounces: rowsOfKinds("bounced").map(({ at }) => at),
        expiry: expiryOf(rows.versions, acceptancesIn(rows), instant),
    }
}

function acceptancesIn({ dated }: PartnerRows) {
    const rows = dated.filter(({ kind }) => kind === "accepted")
    return rows.map(({ version, at, until }) => ({ version: version ?? 0, at, endsAt: until }))
}

/**
 * The periodic requirements of the binding version, each from its acceptance and start. Without an agreement there are
 * none, and content is withheld anyway.
 */
function periodsRequired(rows: PartnerRows, instant: Instant): RequirementFacts["periods"] {
    const acceptances = acceptancesIn(rows)
    const boundTo = boundVersion(inForceAt(rows.versions, instant), acceptances, instant)
    const binding = rows.versions.find(({ version }) => version === boundTo)
    if (!binding) return []
    const starts = rows.versions.flatMap((terms) => {
        const instants = acceptances.filter(({ version }) => version === terms.version).map(({ at }) => at)
        if (instants.length === 0 || isSuperseded(terms, rows.versions)) return []
        return [{ from: Math.max(terms.appliesAt, Math.min(...instants)), owes: terms.periods }]
    })
    return binding.periods.map(({ kind }) => ({
        kind,
        terms: starts.map(({ from, owes: periods }) => ({
            from,
            everyDays: periods.find((period) => period.kind === kind)?.everyDays ?? null,
        })),
    }))
}
