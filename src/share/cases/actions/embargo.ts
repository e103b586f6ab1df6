/** The embargo's turns, each by a pure rule under the case's lock, and what waits for a decision about one. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { withheldFrom } from "../../../platform/clock.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personOf } from "../../../trust/audit/actor.ts"
import { stillHas } from "../../../trust/identity/access.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { rulesNow } from "../../../trust/partners/actions/rules.ts"
import { closedCases, closingOf, embargoOf, lockOpenCase, sealed, unknownCase } from "../actions.ts"
import { caseFacts } from "./facts.ts"
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
import { type Speaker, askAnew, mustBeAsked, ownVoice, theOperator, voiceOf } from "./consents.ts"

export async function proposeEmbargo(act: Act, id: string, endsAt: Instant): Promise<void> {
    const by = null
    await turn(act, id, (embargo, limits) => propose(embargo, { by, endsAt }, act.now, limits))
}

/** The acting partner proposes: one that was asked, and neither declined nor left. */
export async function proposeAsPartner(act: Act, id: string, endsAt: Instant): Promise<void> {
    await proposeAs(act, id, ownVoice(act), endsAt)
}

export async function proposeAs(act: Act, id: string, who: Speaker, endsAt: Instant): Promise<void> {
    const { embargo: its, turns } = await mustBeAsked(act, id, who)
    const state = consentAt(turns, endOf(its), act.now, false)
    if (state === "declined") {
        refuse("conflict", "consent.not_participating", "whoever declined or left has no say in this embargo")
    }
    const by = voiceOf(who)
    await turn(act, id, (embargo, limits) => propose(embargo, { by, endsAt }, act.now, limits), who)
}

/** Null: what is proposed, of which the shortest wins. */
export async function agreeEmbargo(act: Act, id: string, endsAt: Instant | null): Promise<void> {
    await turn(act, id, (embargo, limits) => agree(embargo, endsAt, act.now, limits))
}

/** `proposal` is its place in the list of turns. */
export async function acceptProposal(act: Act, id: string, proposal: number): Promise<void> {
    await turn(act, id, (embargo, limits) => accept(embargo, proposal, act.now, limits))
}

export async function rejectProposal(act: Act, id: string, proposal: number, why: string): Promise<void> {
    await turn(act, id, (embargo) => reject(embargo, proposal, why, act.now))
}

/** Moves publication, and with it the waves. What was approved for an earlier instant stands; for a later one not. */
export async function moveEmbargo(act: Act, id: string, endsAt: Instant, why: string): Promise<void> {
    await turn(act, id, (embargo, limits) => move(embargo, endsAt, why, act.now, limits))
}

/** Under the signature of a second person, which whoever calls has used in this transaction. */
export async function breakEmbargo(act: Act, id: string, why: string): Promise<void> {
    await turn(act, id, (embargo) => breakOff(embargo, why, act.now))
}

/** Publication writes this in its own transaction. */
export async function endEmbargo(act: Act, id: string): Promise<void> {
    await turn(act, id, (embargo) => end(embargo, act.now))
}

export interface TeardownInput {
    readonly trigger: Trigger
    /** Who sees to its decision; without one the case's author, or else whoever proposes it, or everybody who may. */
    readonly owner?: string | undefined
    readonly withinMs?: number | undefined
}

/** Proposes an early end. It is decided by a person, or lapses to the running terms; it ends nothing by itself. */
export async function proposeTeardown(
    act: Act,
    id: string,
    { trigger, owner, withinMs }: TeardownInput,
): Promise<void> {
    const row = (await store.caseRow(act.tx, id)) ?? unknownCase()
    if (owner !== undefined && !(await mayDecide(act, owner))) {
        refuse("invalid", "embargo.bad_owner", "the owner is a person of the operator who decides about embargoes")
    }
    const its: Teardown = { trigger, owner: owner ?? (await ownerOf(act, row.created_by)) }
    await turn(act, id, (embargo) => tearDown(embargo, its, act.now, withinMs))
}

async function ownerOf(act: Act, author: string): Promise<string | null> {
    for (const one of [author, personOf(act.actor)]) if (one !== null && (await mayDecide(act, one))) return one
    return null
}

/** Whether this person is here, and decides about embargoes. */
async function mayDecide(act: Act, id: string): Promise<boolean> {
    return stillHas(await personById(act, id), "case:write")
}

/** The same, by something that was filed: only where there is an embargo that runs. */
export async function proposeTeardownIfSecret(act: Act, id: string, trigger: Trigger): Promise<void> {
    const isSecret = phase(await embargoOf(act, id), act.now) === "running" && (await closingOf(act, id)) === null
    if (isSecret) await proposeTeardown(act, id, { trigger })
}

export interface Decision extends Proposal {
    readonly case: string
    /** Until when it can be decided. */
    readonly lapsesAt: Instant
    /** What stays in force if nobody decides; null: no embargo. */
    readonly lapsesTo: Instant | null
}

/** Every proposal that waits for the operator: what presses first. */
export async function embargoDecisions(act: Act): Promise<Decision[]> {
    const decisions: Decision[] = []
    const closed = await closedCases(act)
    for (const { id, embargo } of await caseFacts(act, null, act.now)) {
        if (closed.has(id)) continue
        for (const one of openProposals(embargo, act.now)) {
            decisions.push({ ...one, case: id, lapsesAt: one.endsAt, lapsesTo: endOf(embargo) })
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
    act: Act,
    id: string,
    rule: (embargo: Embargo, limits: Limits) => Embargo,
    who: Speaker = theOperator,
): Promise<void> {
    await lockOpenCase(act, id)
    const before = await embargoOf(act, id)
    const decided = rule(before, { ...shippedLimits, ...(await rulesNow(act, "embargo")).rules })
    const after = await dated(act, before, decided)
    for (const [i, one] of after.slice(before.length).entries()) await writeTurn(act, id, before.length + i, one, who)
    await askAnew(act, id, before, after)
}

/** A later end, and what leads to one, holds at once, also where a clock is ahead; but no entry is before an earlier one. */
async function dated(act: Act, before: Embargo, after: Embargo): Promise<Embargo> {
    const early = await withheldFrom(act.tx, act.doors, act.now)
    return after.map((turn, n) => {
        const opensNothing = turn.kind === "proposed" || turn.kind === "rejected" || isLater(turn, endOf(before))
        return n >= before.length && opensNothing ? { ...turn, at: Math.max(early, before.at(-1)?.at ?? early) } : turn
    })
}

const isLater = (turn: Turn, end: Instant | null): boolean => turn.kind === "moved" && end !== null && turn.endsAt > end

async function writeTurn(act: Act, id: string, n: number, its: Turn, who: Speaker): Promise<void> {
    const endsAt = "endsAt" in its ? its.endsAt : null
    const why = "why" in its && its.why !== "" ? its.why.slice(0, 2000) : null
    const by = its.kind === "proposed" && its.by !== null ? who : theOperator
    const teardown = its.kind === "proposed" ? its.teardown : null
    const proposal = "proposal" in its ? its.proposal : null
    await store.insertTurn(act.tx, {
        case_id: id,
        n,
        kind: its.kind,
        at: its.at,
        ends_at: endsAt,
        reason_ciphertext: why === null ? null : await sealed(act, id, `embargo_turns.why:${n}`, why),
        ...by,
        proposal,
        trigger_kind: teardown?.trigger ?? null,
        owner: teardown?.owner ?? null,
    })
    if (teardown) {
        // Not the trigger: staff who may not read reports of exploitation read the log.
        const { owner } = teardown
        await record(act, { kind: "embargo.termination_proposed", case: id, turn: n, endsAt, owner })
    } else await record(act, { kind: eventOf[its.kind], case: id, turn: n, endsAt, proposal, ...by })
}
