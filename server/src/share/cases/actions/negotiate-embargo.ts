/** Applies the rules of the embargo under the case's lock, and lists open decisions. */
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

/** Proposes an end as the acting partner. Refuses `consent.not_participating` where it declined or left. */
export async function proposeAsPartner(ctx: ActionContext, id: string, endsAt: Instant): Promise<void> {
    await proposeAs(ctx, id, ownVoice(ctx), endsAt)
}

export async function proposeAs(ctx: ActionContext, id: string, speaker: Speaker, endsAt: Instant): Promise<void> {
    const { embargo: entries, turns } = await assertInvited(ctx, id, speaker)
    const state = consentAt(turns, endOf(entries), ctx.now, false)
    if (state === "declined") {
        refuse("conflict", "consent.not_participating", "you declined or left this embargo: you cannot propose an end")
    }
    const by = voiceOf(speaker)
    await turn(ctx, id, (embargo, limits) => propose(embargo, { by, endsAt }, ctx.now, limits), speaker)
}

/** Agrees an end. Null: the shortest of the proposed ends. */
export async function agreeEmbargo(ctx: ActionContext, id: string, endsAt: Instant | null): Promise<void> {
    await turn(ctx, id, (embargo, limits) => agree(embargo, endsAt, ctx.now, limits))
}

/** Accepts a proposal; `proposal` is its index in the history. */
export async function acceptProposal(ctx: ActionContext, id: string, proposal: number): Promise<void> {
    await turn(ctx, id, (embargo, limits) => accept(embargo, proposal, ctx.now, limits))
}

export async function rejectProposal(ctx: ActionContext, id: string, proposal: number, why: string): Promise<void> {
    await turn(ctx, id, (embargo) => reject(embargo, proposal, why, ctx.now))
}

/**
 * Moves publication, and the waves with it. Approvals for an earlier instant stay valid; those for a later one are
 * voided.
 */
export async function moveEmbargo(ctx: ActionContext, id: string, endsAt: Instant, why: string): Promise<void> {
    await turn(ctx, id, (embargo, limits) => move(embargo, endsAt, why, ctx.now, limits))
}

/** Terminates the embargo. The caller has applied the approval of a second person in this transaction. */
export async function breakEmbargo(ctx: ActionContext, id: string, why: string): Promise<void> {
    await turn(ctx, id, (embargo) => breakOff(embargo, why, ctx.now))
}

/** Ends the embargo, in the transaction of the publication. */
export async function endEmbargo(ctx: ActionContext, id: string): Promise<void> {
    await turn(ctx, id, (embargo) => end(embargo, ctx.now))
}

export interface TeardownInput {
    readonly trigger: Trigger
    /**
     * The person responsible for the decision. Default: the case's author, else the proposer, else all who may decide.
     */
    readonly owner?: string | undefined
    readonly withinMs?: number | undefined
}

/**
 * Proposes an early end. A person decides, or the proposal expires and the running terms remain. It ends nothing
 * automatically.
 */
export async function proposeTeardown(
    ctx: ActionContext,
    id: string,
    { trigger, owner, withinMs }: TeardownInput,
): Promise<void> {
    const row = (await store.findCaseRow(ctx.tx, id)) ?? unknownCase()
    if (owner !== undefined && !(await mayDecide(ctx, owner))) {
        refuse("invalid", "embargo.bad_owner", "bad owner: choose a staff member who may decide about embargoes")
    }
    const teardown: Teardown = { trigger, owner: owner ?? (await ownerOf(ctx, row.created_by)) }
    await turn(ctx, id, (embargo) => tearDown(embargo, teardown, ctx.now, withinMs))
}

async function ownerOf(ctx: ActionContext, author: string): Promise<string | null> {
    for (const id of [author, personOf(ctx.actor)]) if (id !== null && (await mayDecide(ctx, id))) return id
    return null
}

/** Whether this person is active and may decide about embargoes. */
async function mayDecide(ctx: ActionContext, id: string): Promise<boolean> {
    return stillHas(await personById(ctx, id), "case:write")
}

/** Proposes an early end because of a report, where an embargo is running. */
export async function proposeTeardownIfSecret(ctx: ActionContext, id: string, trigger: Trigger): Promise<void> {
    const isSecret = phase(await embargoOf(ctx, id), ctx.now) === "running" && (await closingOf(ctx, id)) === null
    if (isSecret) await proposeTeardown(ctx, id, { trigger })
}

export interface Decision extends Proposal {
    readonly case: string
    /** The deadline of the decision. */
    readonly lapsesAt: Instant
    /** The end that remains without a decision; null: no embargo. */
    readonly lapsesTo: Instant | null
}

/** Lists every open proposal that needs a decision of the operator, most urgent first. */
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
    terminated: "embargo.terminated",
    ended: "embargo.ended",
} as const

/** Applies a rule, writes and records its entries, and invites again whose consent lapses by them. */
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

/** Dates entries that open nothing at once, even where a clock is ahead, but never before an earlier entry. */
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
        // The event omits the trigger: staff without access to reports of exploitation can read the log.
        const { owner } = teardown
        await record(ctx, { kind: "embargo.termination_proposed", case: id, turn: n, endsAt, owner })
    } else await record(ctx, { kind: eventOf[entry.kind], case: id, turn: n, endsAt, proposal, ...by })
}
