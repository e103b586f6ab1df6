/** Applies the rules of the embargo under the case's lock, and lists open decisions. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../platform/time/clock.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { isStaffWithPermission } from "../../../kernel/permissions.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { loadRules } from "../../../trust/partners/actions/set-program-rules.ts"
import { listClosedCases, findClosure, loadEmbargo, lockOpenCase, encryptForCase, noSuchCase } from "./load-case.ts"
import { listCaseFacts } from "./load-case-facts.ts"
import { consentAt } from "../consent.ts"
import {
    type Embargo,
    type Limits,
    type Proposal,
    type TerminationProposal,
    type Trigger,
    type EmbargoEntry,
    accept,
    agree,
    terminate,
    end,
    endOf,
    move,
    openProposals,
    phase,
    propose,
    reject,
    shippedLimits,
    addTerminationProposal,
} from "../embargo.ts"
import * as store from "../store/cases.ts"
import {
    type Participant,
    inviteAgain,
    assertInvited,
    participantOfActor,
    operatorParticipant,
    participantIdOf,
} from "./answer-invitation.ts"

export async function proposeEmbargo(ctx: ActionContext, id: string, endsAt: Instant): Promise<void> {
    const by = null
    await applyRule(ctx, id, (embargo, limits) => propose(embargo, { by, endsAt }, ctx.now, limits))
}

/** Proposes an end as the acting partner. Refuses `consent.not_participating` where it declined or left. */
export async function proposeAsPartner(ctx: ActionContext, id: string, endsAt: Instant): Promise<void> {
    await proposeAsParticipant(ctx, id, participantOfActor(ctx), endsAt)
}

export async function proposeAsParticipant(
    ctx: ActionContext,
    id: string,
    participant: Participant,
    endsAt: Instant,
): Promise<void> {
    const { embargo: entries, history } = await assertInvited(ctx, id, participant)
    const state = consentAt(history, endOf(entries), ctx.now, false)
    if (state === "declined") {
        refuse("conflict", "consent.not_participating", "you declined or left this embargo: you cannot propose an end")
    }
    const by = participantIdOf(participant)
    await applyRule(ctx, id, (embargo, limits) => propose(embargo, { by, endsAt }, ctx.now, limits), participant)
}

/** Agrees an end. Null: the shortest of the proposed ends. */
export async function agreeEmbargo(ctx: ActionContext, id: string, endsAt: Instant | null): Promise<void> {
    await applyRule(ctx, id, (embargo, limits) => agree(embargo, endsAt, ctx.now, limits))
}

/** Accepts a proposal; `proposal` is its index in the history. */
export async function acceptProposal(ctx: ActionContext, id: string, proposal: number): Promise<void> {
    await applyRule(ctx, id, (embargo, limits) => accept(embargo, proposal, ctx.now, limits))
}

export async function rejectProposal(ctx: ActionContext, id: string, proposal: number, reason: string): Promise<void> {
    await applyRule(ctx, id, (embargo) => reject(embargo, proposal, reason, ctx.now))
}

/**
 * Moves publication, and the waves with it. Approvals for an earlier instant stay valid; those for a later one are
 * voided.
 */
export async function moveEmbargo(ctx: ActionContext, id: string, endsAt: Instant, reason: string): Promise<void> {
    await applyRule(ctx, id, (embargo, limits) => move(embargo, endsAt, reason, ctx.now, limits))
}

/** Terminates the embargo. The caller has applied the approval of a second person in this transaction. */
export async function terminateEmbargo(ctx: ActionContext, id: string, reason: string): Promise<void> {
    await applyRule(ctx, id, (embargo) => terminate(embargo, reason, ctx.now))
}

/** Ends the embargo, in the transaction of the publication. */
export async function endEmbargo(ctx: ActionContext, id: string): Promise<void> {
    await applyRule(ctx, id, (embargo) => end(embargo, ctx.now))
}

export interface TerminationRequest {
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
export async function proposeTermination(
    ctx: ActionContext,
    id: string,
    { trigger, owner, withinMs }: TerminationRequest,
): Promise<void> {
    const row = (await store.findCaseRow(ctx.tx, id)) ?? noSuchCase()
    if (owner !== undefined && !(await mayDecide(ctx, owner))) {
        refuse("invalid", "embargo.bad_owner", "bad owner: choose a staff member who may decide about embargoes")
    }
    const terminationProposal: TerminationProposal = { trigger, owner: owner ?? (await findOwner(ctx, row.created_by)) }
    await applyRule(ctx, id, (embargo) => addTerminationProposal(embargo, terminationProposal, ctx.now, withinMs))
}

async function findOwner(ctx: ActionContext, author: string): Promise<string | null> {
    for (const id of [author, personOf(ctx.actor)]) if (id !== null && (await mayDecide(ctx, id))) return id
    return null
}

/** Whether this person is active and may decide about embargoes. */
async function mayDecide(ctx: ActionContext, id: string): Promise<boolean> {
    return isStaffWithPermission(await findPerson(ctx, id), "case:write")
}

/** Proposes an early end because of a report, where an embargo is running. */
export async function proposeTerminationIfRunning(ctx: ActionContext, id: string, trigger: Trigger): Promise<void> {
    const isRunning = phase(await loadEmbargo(ctx, id), ctx.now) === "running" && (await findClosure(ctx, id)) === null
    if (isRunning) await proposeTermination(ctx, id, { trigger })
}

export interface EmbargoDecision extends Proposal {
    readonly case: string
    /** The deadline of the decision. */
    readonly expiresAt: Instant
    /** The end that remains without a decision; null: no embargo. */
    readonly endIfExpired: Instant | null
}

/** Lists every open proposal that needs a decision of the operator, most urgent first. */
export async function listEmbargoDecisions(ctx: ActionContext): Promise<EmbargoDecision[]> {
    const decisions: EmbargoDecision[] = []
    const closed = await listClosedCases(ctx)
    for (const { id, embargo } of await listCaseFacts(ctx, null, ctx.now)) {
        if (closed.has(id)) continue
        for (const proposal of openProposals(embargo, ctx.now)) {
            decisions.push({ ...proposal, case: id, expiresAt: proposal.endsAt, endIfExpired: endOf(embargo) })
        }
    }
    return decisions.toSorted((a, b) => a.expiresAt - b.expiresAt)
}

const eventOf = {
    proposed: "embargo.proposed",
    rejected: "embargo.rejected",
    agreed: "embargo.agreed",
    moved: "embargo.moved",
    terminated: "embargo.terminated",
    ended: "embargo.ended",
} as const

/** Applies a rule, writes and records its entries, and invites the participants again whose consent they lapse. */
async function applyRule(
    ctx: ActionContext,
    id: string,
    rule: (embargo: Embargo, limits: Limits) => Embargo,
    participant: Participant = operatorParticipant,
): Promise<void> {
    await lockOpenCase(ctx, id)
    const before = await loadEmbargo(ctx, id)
    const decided = rule(before, { ...shippedLimits, ...(await loadRules(ctx, "embargo")).rules })
    const after = await dateEntries(ctx, before, decided)
    for (const [i, entry] of after.slice(before.length).entries())
        await writeEntry(ctx, id, before.length + i, entry, participant)
    await inviteAgain(ctx, id, before, after)
}

/** Dates entries that open nothing at once, even where a clock is ahead, but never before an earlier entry. */
async function dateEntries(ctx: ActionContext, before: Embargo, after: Embargo): Promise<Embargo> {
    const early = await withheldFrom(ctx.tx, ctx.services, ctx.now)
    return after.map((entry, n) => {
        const opensNothing = entry.kind === "proposed" || entry.kind === "rejected" || isLater(entry, endOf(before))
        return n >= before.length && opensNothing
            ? { ...entry, at: Math.max(early, before.at(-1)?.at ?? early) }
            : entry
    })
}

const isLater = (entry: EmbargoEntry, end: Instant | null): boolean =>
    entry.kind === "moved" && end !== null && entry.endsAt > end

async function writeEntry(
    ctx: ActionContext,
    id: string,
    n: number,
    entry: EmbargoEntry,
    participant: Participant,
): Promise<void> {
    const endsAt = "endsAt" in entry ? entry.endsAt : null
    const reason = "reason" in entry && entry.reason !== "" ? entry.reason.slice(0, 2000) : null
    const by = entry.kind === "proposed" && entry.by !== null ? participant : operatorParticipant
    const terminationProposal = entry.kind === "proposed" ? entry.terminationProposal : null
    const proposal = "proposal" in entry ? entry.proposal : null
    await store.insertEntry(ctx.tx, {
        case_id: id,
        n,
        kind: entry.kind,
        at: entry.at,
        ends_at: endsAt,
        reason_ciphertext: reason === null ? null : await encryptForCase(ctx, id, `embargo_turns.why:${n}`, reason),
        ...by,
        proposal,
        trigger_kind: terminationProposal?.trigger ?? null,
        owner: terminationProposal?.owner ?? null,
    })
    if (terminationProposal) {
        // The event omits the trigger: staff without access to reports of exploitation can read the log.
        const { owner } = terminationProposal
        await record(ctx, { kind: "embargo.termination_proposed", case: id, turn: n, endsAt, owner })
    } else await record(ctx, { kind: eventOf[entry.kind], case: id, turn: n, endsAt, proposal, ...by })
}
