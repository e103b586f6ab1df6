/** The embargo's turns, each by a pure rule under the case's lock, and what waits for a decision about one. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { stillHas } from "../../../kernel/permissions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { rulesNow } from "../../../trust/partners/actions/set-program-rules.ts"
import { closedCases, closingOf, embargoOf, lockOpenCase, sealed, unknownCase } from "../actions.ts"
import { caseFacts } from "./load-case-facts.ts"
import { consentAt } from "../consent.ts"
import {
    type Embargo,
    type Limits,
    type Proposal,
    type Teardown,
    type Trigger,
    type Turn,
    accept,
    agree,
    breakOff,
    end,
    endOf,
    move,
    openProposals,
    phase,
    propose,
    reject,
    shippedLimits,
    tearDown,
} from "../embargo.ts"
import * as store from "../store.ts"
import { type Speaker, askAnew, assertInvited, ownVoice, theOperator, voiceOf } from "./answer-invitation.ts"

export async function proposeEmbargo(ctx: ActionContext, id: string, endsAt: Instant): Promise<void> {
    const by = null
    await turn(ctx, id, (embargo, limits) => propose(embargo, { by, endsAt }, ctx.now, limits))
}

/** The acting partner proposes: one that was asked, and neither declined nor left. */
export async function proposeAsPartner(ctx: ActionContext, id: string, endsAt: Instant): Promise<void> {
    await proposeAs(ctx, id, ownVoice(ctx), endsAt)
}

export async function proposeAs(ctx: ActionContext, id: string, speaker: Speaker, endsAt: Instant): Promise<void> {
    const { embargo: entries, turns } = await assertInvited(ctx, id, speaker)
    const state = consentAt(turns, endOf(entries), ctx.now, false)
    if (state === "declined") {
        refuse("conflict", "consent.not_participating", "whoever declined or left has no say in this embargo")
    }
    const by = voiceOf(speaker)
    await turn(ctx, id, (embargo, limits) => propose(embargo, { by, endsAt }, ctx.now, limits), speaker)
}

/** Null: what is proposed, of which the shortest wins. */
export async function agreeEmbargo(ctx: ActionContext, id: string, endsAt: Instant | null): Promise<void> {
    await turn(ctx, id, (embargo, limits) => agree(embargo, endsAt, ctx.now, limits))
}

/** `proposal` is its place in the list of turns. */
export async function acceptProposal(ctx: ActionContext, id: string, proposal: number): Promise<void> {
    await turn(ctx, id, (embargo, limits) => accept(embargo, proposal, ctx.now, limits))
}

export async function rejectProposal(ctx: ActionContext, id: string, proposal: number, why: string): Promise<void> {
    await turn(ctx, id, (embargo) => reject(embargo, proposal, why, ctx.now))
}

/** Moves publication, and with it the waves. What was approved for an earlier instant stands; for a later one not. */
export async function moveEmbargo(ctx: ActionContext, id: string, endsAt: Instant, why: string): Promise<void> {
    await turn(ctx, id, (embargo, limits) => move(embargo, endsAt, why, ctx.now, limits))
}

/** Under the signature of a second person, which whoever calls has used in this transaction. */
export async function breakEmbargo(ctx: ActionContext, id: string, why: string): Promise<void> {
    await turn(ctx, id, (embargo) => breakOff(embargo, why, ctx.now))
}

/** Publication writes this in its own transaction. */
export async function endEmbargo(ctx: ActionContext, id: string): Promise<void> {
    await turn(ctx, id, (embargo) => end(embargo, ctx.now))
}

export interface TeardownInput {
    readonly trigger: Trigger
    /** Who sees to its decision; without one the case's author, or else whoever proposes it, or everybody who may. */
    readonly owner?: string | undefined
    readonly withinMs?: number | undefined
}

/** Proposes an early end. It is decided by a person, or lapses to the running terms; it ends nothing by itself. */
export async function proposeTeardown(
    ctx: ActionContext,
    id: string,
    { trigger, owner, withinMs }: TeardownInput,
): Promise<void> {
    const row = (await store.findCaseRow(ctx.tx, id)) ?? unknownCase()
    if (owner !== undefined && !(await mayDecide(ctx, owner))) {
        refuse("invalid", "embargo.bad_owner", "the owner is a person of the operator who decides about embargoes")
    }
    const teardown: Teardown = { trigger, owner: owner ?? (await ownerOf(ctx, row.created_by)) }
    await turn(ctx, id, (embargo) => tearDown(embargo, teardown, ctx.now, withinMs))
}

async function ownerOf(ctx: ActionContext, author: string): Promise<string | null> {
    for (const item of [author, personOf(ctx.actor)]) if (item !== null && (await mayDecide(ctx, item))) return item
    return null
}

/** Whether this person is here, and decides about embargoes. */
async function mayDecide(ctx: ActionContext, id: string): Promise<boolean> {
    return stillHas(await personById(ctx, id), "case:write")
}

/** The same, by something that was filed: only where there is an embargo that runs. */
export async function proposeTeardownIfSecret(ctx: ActionContext, id: string, trigger: Trigger): Promise<void> {
    const isSecret = phase(await embargoOf(ctx, id), ctx.now) === "running" && (await closingOf(ctx, id)) === null
    if (isSecret) await proposeTeardown(ctx, id, { trigger })
}

export interface Decision extends Proposal {
    readonly case: string
    /** Until when it can be decided. */
    readonly lapsesAt: Instant
    /** What stays in force if nobody decides; null: no embargo. */
    readonly lapsesTo: Instant | null
}

/** Every proposal that waits for the operator: what presses first. */
export async function embargoDecisions(ctx: ActionContext): Promise<Decision[]> {
    const decisions: Decision[] = []
    const closed = await closedCases(ctx)
    for (const { id, embargo } of await caseFacts(ctx, null, ctx.now)) {
        if (closed.has(id)) continue
        for (const proposal of openProposals(embargo, ctx.now)) {
            decisions.push({ ...proposal, case: id, lapsesAt: proposal.endsAt, lapsesTo: endOf(embargo) })
        }
    }
    return decisions.toSorted((a, b) => a.lapsesAt - b.lapsesAt)
}

const eventOf = {
    proposed: "embargo.proposed",
    rejected: "embargo.rejected",
    agreed: "embargo.agreed",
    moved: "embargo.moved",
    broken: "embargo.terminated",
    ended: "embargo.ended",
} as const

/** What a rule adds, written and recorded; whoever lapses by it is asked anew, all in one. */
async function turn(
    ctx: ActionContext,
    id: string,
    rule: (embargo: Embargo, limits: Limits) => Embargo,
    speaker: Speaker = theOperator,
): Promise<void> {
    await lockOpenCase(ctx, id)
    const before = await embargoOf(ctx, id)
    const decided = rule(before, { ...shippedLimits, ...(await rulesNow(ctx, "embargo")).rules })
    const after = await dated(ctx, before, decided)
    for (const [i, entry] of after.slice(before.length).entries())
        await writeTurn(ctx, id, before.length + i, entry, speaker)
    await askAnew(ctx, id, before, after)
}

/** A later end, and what leads to one, holds at once, also where a clock is ahead; but no entry is before an earlier one. */
async function dated(ctx: ActionContext, before: Embargo, after: Embargo): Promise<Embargo> {
    const early = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    return after.map((turn, n) => {
        const opensNothing = turn.kind === "proposed" || turn.kind === "rejected" || isLater(turn, endOf(before))
        return n >= before.length && opensNothing ? { ...turn, at: Math.max(early, before.at(-1)?.at ?? early) } : turn
    })
}

const isLater = (turn: Turn, end: Instant | null): boolean => turn.kind === "moved" && end !== null && turn.endsAt > end

async function writeTurn(ctx: ActionContext, id: string, n: number, entry: Turn, speaker: Speaker): Promise<void> {
    const endsAt = "endsAt" in entry ? entry.endsAt : null
    const why = "why" in entry && entry.why !== "" ? entry.why.slice(0, 2000) : null
    const by = entry.kind === "proposed" && entry.by !== null ? speaker : theOperator
    const teardown = entry.kind === "proposed" ? entry.teardown : null
    const proposal = "proposal" in entry ? entry.proposal : null
    await store.insertTurn(ctx.tx, {
        case_id: id,
        n,
        kind: entry.kind,
        at: entry.at,
        ends_at: endsAt,
        reason_ciphertext: why === null ? null : await sealed(ctx, id, `embargo_turns.why:${n}`, why),
        ...by,
        proposal,
        trigger_kind: teardown?.trigger ?? null,
        owner: teardown?.owner ?? null,
    })
    if (teardown) {
        // Not the trigger: staff who may not read reports of exploitation read the log.
        const { owner } = teardown
        await record(ctx, { kind: "embargo.termination_proposed", case: id, turn: n, endsAt, owner })
    } else await record(ctx, { kind: eventOf[entry.kind], case: id, turn: n, endsAt, proposal, ...by })
}
