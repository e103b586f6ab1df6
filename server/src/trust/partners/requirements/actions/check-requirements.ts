/**
 * Checks all partners every hour of program time: sends reminders, proposes tiers, deletes old bounces. It withholds
 * and restores nothing, because overdue requirements are computed at each read.
 */
import { type Instant, dayMs, hourMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { BackgroundJob } from "../../../../kernel/worker.ts"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { personOf } from "../../../../kernel/actor.ts"
import {
    type RequirementRules,
    type RequirementFacts,
    requirementsAt,
    countLate,
    overdueAt,
    remindersOf,
} from "../requirement.ts"
import type { PartnerFacts } from "../../facts.ts"
import { type Tier, hasCaseAccess } from "../../partner.ts"
import { type Measurements, type Proposal, proposalFor } from "../qualification.ts"
import * as requirementsStore from "../store/requirements.ts"
import * as store from "../store/tier-proposals.ts"
import { loadRequirementRules, loadRequirementFacts } from "./list-requirements.ts"
import { listPartnerFacts, loadPartnerFacts } from "../../actions/load-facts.ts"
import { deleteOldBounces } from "../../roster/actions/verify-mailbox.ts"
import { loadRules } from "../../actions/set-program-rules.ts"

/**
 * Loads the share of fetched copies that each partner acknowledged, in percent. Partners that fetched none are left
 * out.
 */
export type LoadAcknowledgedShares = (ctx: ActionContext) => Promise<ReadonlyMap<string, number>>

const jobName = "tending"
/** How long a dismissed tier is not proposed again, in milliseconds. */
const dismissalMs = 90 * dayMs

/** Makes the hourly job. A slice of a higher layer passes `loadAcknowledgedShares`. */
export function createCheckRequirementsJob(loadAcknowledgedShares: LoadAcknowledgedShares): BackgroundJob {
    return {
        name: jobName,
        runsSeldom: true,
        run: async (services) =>
            await services.db.transaction(async (tx) => {
                const now = await services.clock.now(tx)
                const lastRun = await requirementsStore.findLastRun(tx, now)
                if (lastRun !== null && now - lastRun < hourMs) return false
                if (!(await requirementsStore.claimRun(tx, now, now - hourMs))) return false
                await checkPartners(
                    { tx, now, services, actor: { kind: "system", component: jobName } },
                    loadAcknowledgedShares,
                )
                return true
            }),
    }
}

async function checkPartners(ctx: ActionContext, loadAcknowledgedShares: LoadAcknowledgedShares): Promise<void> {
    const rules = await loadRequirementRules(ctx, ctx.now)
    const factsOf = await loadRequirementFacts(ctx, ctx.now, null)
    const partners = (await listPartnerFacts(ctx, ctx.now)).filter(({ status }) => hasCaseAccess(status))
    for (const { partner } of partners) await remind(ctx, partner, factsOf(partner), rules)
    const acknowledged = await loadAcknowledgedShares(ctx)
    const measurements = new Map(
        partners.map(({ partner }) => {
            const share = acknowledged.get(partner) ?? null
            return [partner, measurementsOf(factsOf(partner), rules, ctx.now, share)] as const
        }),
    )
    await updateProposals(ctx, partners, measurements)
    await deleteOldBounces(ctx)
}

/** Sends one reminder, also if several came due since the last check. */
async function remind(
    ctx: ActionContext,
    partner: string,
    facts: RequirementFacts,
    rules: RequirementRules,
): Promise<void> {
    for (const requirement of requirementsAt(facts, rules, ctx.now)) {
        let newest: string | null = null
        for (const name of remindersOf(requirement, rules, ctx.now)) {
            const reminder = { partner, kind: requirement.kind, dueAt: requirement.dueAt, step: name }
            if (await requirementsStore.insertReminder(ctx.tx, reminder, ctx.now)) newest = name
        }
        if (newest === null) continue
        const { kind, dueAt, withheldFrom } = requirement
        await record(ctx, { kind: "requirement.reminded", partner, due: kind, dueAt, withheldFrom, reminder: newest })
    }
}

const monthMs = 30.4375 * dayMs

/** Measures the facts that tier criteria use. */
function measurementsOf(
    facts: RequirementFacts,
    rules: RequirementRules,
    now: Instant,
    acknowledged: number | null,
): Measurements {
    const { activeSince, keys, leads } = facts
    const countOpen = (spans: RequirementFacts["keys"]) =>
        spans.filter(({ from, until }) => from <= now && (until === null || until > now)).length
    const attestation = requirementsAt(facts, rules, now).find(({ kind }) => kind === "attestation")
    return {
        months_active: activeSince === null ? null : Math.floor((now - activeSince) / monthMs),
        usable_keys: countOpen(keys),
        leads: countOpen(leads),
        attested: attestation === undefined ? null : attestation.state === "met" ? 1 : 0,
        // An expired agreement is left out: the operator wrote a new version, and content is withheld anyway.
        overdue: overdueAt(facts, rules, now).filter((kind) => kind !== "agreement").length,
        late_in_a_year: countLate(facts, rules, now - 365 * dayMs, now),
        percent_acknowledged: acknowledged,
    }
}

async function updateProposals(
    ctx: ActionContext,
    partners: readonly PartnerFacts[],
    measurementsByPartner: ReadonlyMap<string, Measurements>,
): Promise<void> {
    const { version, rules } = await loadRules(ctx, "tiers")
    const open = new Map((await store.listOpenProposals(ctx.tx)).map((row) => [row.partner, row]))
    const dismissed = new Set((await store.listDismissedSince(ctx.tx, ctx.now - dismissalMs)).map(proposalKeyOf))
    for (const { partner, tier } of partners) {
        const measurements = measurementsByPartner.get(partner)
        const proposal = measurements ? proposalFor(rules, tier, measurements) : null
        const existing = open.get(partner)
        open.delete(partner)
        if (existing && existing.to === proposal?.to && existing.from === tier) continue
        if (existing) await endProposal(ctx, existing, tier)
        if (proposal && !dismissed.has(proposalKeyOf({ partner, to: proposal.to })))
            await openProposal(ctx, partner, proposal, version)
    }
    for (const stale of open.values()) await endProposal(ctx, stale, null)
}

const proposalKeyOf = ({ partner, to }: { readonly partner: string; readonly to: Tier }): string => `${partner} ${to}`

async function openProposal(
    ctx: ActionContext,
    partner: string,
    proposal: Proposal,
    rulesVersion: number,
): Promise<void> {
    const id = ctx.services.newId()
    await store.insertProposal(ctx.tx, { id, partner, ...proposal, rulesVersion, createdAt: ctx.now })
    const { from, to } = proposal
    await record(ctx, { kind: "tier.proposed", proposal: id, partner, was: from, tier: to, version: rulesVersion })
}

async function endProposal(ctx: ActionContext, proposal: store.ProposalRow, tier: Tier | null): Promise<void> {
    const as = tier === proposal.to ? "accepted" : "superseded"
    await store.endProposal(ctx.tx, proposal.id, { outcome: as, by: null, at: ctx.now, ciphertext: null })
    await record(ctx, { kind: "tier.proposal_ended", proposal: proposal.id, partner: proposal.partner, as })
}

/** Lists open tier proposals. */
export async function listOpenProposals(ctx: ActionContext): Promise<store.ProposalRow[]> {
    const open = await store.listOpenProposals(ctx.tx)
    if (open.length === 0) return []
    const tiers = new Map((await listPartnerFacts(ctx, ctx.now)).map(({ partner, tier }) => [partner, tier]))
    return open.filter((row) => tiers.get(row.partner) === row.from)
}

export type TierProposal = Omit<store.ProposalRow, "reason_ciphertext"> & { readonly reason: string | null }

/** Lists all proposals for one partner, newest first, with reasons of dismissals. */
export async function listProposals(ctx: ActionContext, partner: string): Promise<TierProposal[]> {
    await loadPartnerFacts(ctx, partner, ctx.now)
    const tierProposals: TierProposal[] = []
    for (const { reason_ciphertext: ciphertext, ...row } of await store.listProposals(ctx.tx, partner)) {
        const reason =
            ciphertext === null
                ? null
                : await decryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, reasonPlace(row.id), ciphertext)
        tierProposals.push({ ...row, reason })
    }
    return tierProposals
}

/**
 * Dismisses a proposal with a reason. One person is enough; the same tier is not proposed again for 90 days. Refuses
 * `qualification.proposal_closed`.
 */
export async function dismissProposal(ctx: ActionContext, id: string, reason: string): Promise<void> {
    const row = (await store.lockProposal(ctx.tx, id)) ?? unknownProposal()
    if (row.endedAt !== null)
        refuse(
            "conflict",
            "qualification.proposal_closed",
            "this proposal is no longer open: reload to see the current state",
        )
    const { partner } = row
    const ciphertext = await encryptText(ctx.tx, ctx.services.keys, `partner:${partner}`, reasonPlace(id), reason)
    await store.endProposal(ctx.tx, id, { outcome: "dismissed", by: personOf(ctx.actor), at: ctx.now, ciphertext })
    await record(ctx, { kind: "tier.proposal_ended", proposal: id, partner, as: "dismissed" })
}

const reasonPlace = (id: string): string => `tier_proposals.reason:${id}`

function unknownProposal(): never {
    refuse("missing", "qualification.proposal_not_found", "no proposal with this id")
}
