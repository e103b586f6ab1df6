/**
 * Checks all partners every hour of program time: sends reminders, proposes tiers, deletes old bounces. It withholds
 * and restores nothing, because overdue requirements are computed at each read.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { BackgroundJob } from "../../../../kernel/worker.ts"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import { type DueRules, type Obliged, duesAt, lateCount, overdueAt, remindersOf } from "../requirement.ts"
import type { PartnerFacts } from "../../facts.ts"
import { type Tier, reachesCases } from "../../partner.ts"
import { type Measured, type Proposal, proposalFor } from "../qualification.ts"
import * as duesStore from "../store/requirements.ts"
import * as store from "../store/tier-proposals.ts"
import { dueRulesAt, obligedAt } from "./list-requirements.ts"
import { partnerFactsAt, partnerFactsOf } from "../../actions/load-facts.ts"
import { forgetReturns } from "../../roster/actions/verify-mailbox.ts"
import { rulesNow } from "../../actions/set-program-rules.ts"

/**
 * Loads the share of fetched copies that each partner acknowledged, in percent. Partners that fetched none are left
 * out.
 */
export type AcknowledgedOf = (ctx: ActionContext) => Promise<ReadonlyMap<string, number>>

const step = "tending"
/** How long a dismissed tier is not proposed again, in milliseconds. */
const setAsideMs = 90 * dayMs

/** Makes the hourly job. A slice of a higher layer passes `acknowledgedOf`. */
export function tending(acknowledgedOf: AcknowledgedOf): BackgroundJob {
    return {
        name: step,
        isUnhurried: true,
        run: async (services) =>
            await services.db.transaction(async (tx) => {
                const now = await services.clock.now(tx)
                const last = await duesStore.findLastLook(tx, now)
                if (last !== null && now - last < hourMs) return false
                if (!(await duesStore.claimRun(tx, now, now - hourMs))) return false
                await lookOver({ tx, now, services, actor: { kind: "system", step } }, acknowledgedOf)
                return true
            }),
    }
}

async function lookOver(ctx: ActionContext, acknowledgedOf: AcknowledgedOf): Promise<void> {
    const rules = await dueRulesAt(ctx, ctx.now)
    const obliged = await obligedAt(ctx, ctx.now, null)
    const partners = (await partnerFactsAt(ctx, ctx.now)).filter(({ standing }) => reachesCases(standing))
    for (const { partner } of partners) await remind(ctx, partner, obliged(partner), rules)
    const acknowledged = await acknowledgedOf(ctx)
    const measured = new Map(
        partners.map(({ partner }) => {
            const known = acknowledged.get(partner) ?? null
            return [partner, measuredOf(obliged(partner), rules, ctx.now, known)] as const
        }),
    )
    await propose(ctx, partners, measured)
    await forgetReturns(ctx)
}

/** Sends one reminder, also if several came due since the last check. */
async function remind(ctx: ActionContext, partner: string, obliged: Obliged, rules: DueRules): Promise<void> {
    for (const due of duesAt(obliged, rules, ctx.now)) {
        let newest: string | null = null
        for (const name of remindersOf(due, rules, ctx.now)) {
            const input = { partner, kind: due.kind, dueAt: due.dueAt, step: name }
            if (await duesStore.insertReminder(ctx.tx, input, ctx.now)) newest = name
        }
        if (newest === null) continue
        const { kind, dueAt, withheldFrom } = due
        await record(ctx, { kind: "requirement.reminded", partner, due: kind, dueAt, withheldFrom, reminder: newest })
    }
}

const monthMs = 30.4375 * dayMs

/** Measures the facts that tier criteria use. */
function measuredOf(obliged: Obliged, rules: DueRules, now: Instant, acknowledged: number | null): Measured {
    const { activeSince, keys, leads } = obliged
    const holding = (spans: Obliged["keys"]) =>
        spans.filter(({ from, until }) => from <= now && (until === null || until > now)).length
    const attestation = duesAt(obliged, rules, now).find(({ kind }) => kind === "attestation")
    return {
        months_active: activeSince === null ? null : Math.floor((now - activeSince) / monthMs),
        usable_keys: holding(keys),
        leads: holding(leads),
        attested: attestation === undefined ? null : attestation.state === "met" ? 1 : 0,
        // An expired agreement is left out: the operator wrote a new version, and content is withheld anyway.
        overdue: overdueAt(obliged, rules, now).filter((kind) => kind !== "agreement").length,
        late_in_a_year: lateCount(obliged, rules, now - 365 * dayMs, now),
        percent_acknowledged: acknowledged,
    }
}

async function propose(
    ctx: ActionContext,
    partners: readonly PartnerFacts[],
    measured: ReadonlyMap<string, Measured>,
): Promise<void> {
    const { version, rules } = await rulesNow(ctx, "tiers")
    const open = new Map((await store.openProposals(ctx.tx)).map((row) => [row.partner, row]))
    const aside = new Set((await store.setAsideSince(ctx.tx, ctx.now - setAsideMs)).map(named))
    for (const { partner, tier } of partners) {
        const input = measured.get(partner)
        const found = input ? proposalFor(rules, tier, input) : null
        const before = open.get(partner)
        open.delete(partner)
        if (before && before.to === found?.to && before.from === tier) continue
        if (before) await end(ctx, before, tier)
        if (found && !aside.has(named({ partner, to: found.to }))) await write(ctx, partner, found, version)
    }
    for (const gone of open.values()) await end(ctx, gone, null)
}

const named = ({ partner, to }: { readonly partner: string; readonly to: Tier }): string => `${partner} ${to}`

async function write(ctx: ActionContext, partner: string, found: Proposal, rulesVersion: number): Promise<void> {
    const id = ctx.services.newId()
    await store.insertProposal(ctx.tx, { id, partner, ...found, rulesVersion, madeAt: ctx.now })
    const { from, to } = found
    await record(ctx, { kind: "tier.proposed", proposal: id, partner, was: from, tier: to, version: rulesVersion })
}

async function end(ctx: ActionContext, before: store.ProposalRow, tier: Tier | null): Promise<void> {
    const as = tier === before.to ? "accepted" : "superseded"
    await store.endProposal(ctx.tx, before.id, { as, by: null, at: ctx.now, box: null })
    await record(ctx, { kind: "tier.proposal_ended", proposal: before.id, partner: before.partner, as })
}

/** Lists open tier proposals. */
export async function openProposals(ctx: ActionContext): Promise<store.ProposalRow[]> {
    const open = await store.openProposals(ctx.tx)
    if (open.length === 0) return []
    const tiers = new Map((await partnerFactsAt(ctx, ctx.now)).map(({ partner, tier }) => [partner, tier]))
    return open.filter((row) => tiers.get(row.partner) === row.from)
}

export type TierProposal = Omit<store.ProposalRow, "reason_ciphertext"> & { readonly reason: string | null }

/** Lists all proposals for one partner, newest first, with reasons of dismissals. */
export async function proposalsOf(ctx: ActionContext, partner: string): Promise<TierProposal[]> {
    await partnerFactsOf(ctx, partner, ctx.now)
    const tierProposals: TierProposal[] = []
    for (const { reason_ciphertext: box, ...row } of await store.listProposals(ctx.tx, partner)) {
        const reason =
            box === null
                ? null
                : await unseal(ctx.tx, ctx.services.keys, `partner:${partner}`, reasonPlace(row.id), box)
        tierProposals.push({ ...row, reason })
    }
    return tierProposals
}

/**
 * Dismisses a proposal with a reason. One person is enough; the same tier is not proposed again for 90 days. Refuses
 * `qualification.proposal_closed`.
 */
export async function setAside(ctx: ActionContext, id: string, reason: string): Promise<void> {
    const row = (await store.lockProposal(ctx.tx, id)) ?? unknownProposal()
    if (row.endedAt !== null)
        refuse(
            "conflict",
            "qualification.proposal_closed",
            "this proposal is no longer open: reload to see the current state",
        )
    const { partner } = row
    const box = await seal(ctx.tx, ctx.services.keys, `partner:${partner}`, reasonPlace(id), reason)
    await store.endProposal(ctx.tx, id, { as: "dismissed", by: personOf(ctx.actor), at: ctx.now, box })
    await record(ctx, { kind: "tier.proposal_ended", proposal: id, partner, as: "dismissed" })
}

const reasonPlace = (id: string): string => `tier_proposals.reason:${id}`

function unknownProposal(): never {
    refuse("missing", "qualification.proposal_not_found", "no proposal with this id")
}
