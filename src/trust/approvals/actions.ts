/** Two people: one asks, another signs the effects, and the act uses the signature once, in its own transaction. */
import { refuse } from "../../lib/refusal.ts"
import { type Act, record } from "../audit/actions.ts"
import type { OperatorActor } from "../audit/actor.ts"
import { creatorsOf } from "../identity/actions.ts"
import {
    type Approval,
    type Effects,
    type Signer,
    type VoidReason,
    hashOf,
    mustBeIndependent,
    mustCarry,
    mustWaitForSignature,
    settled,
    signWithinMs,
    stateOf,
} from "./approval.ts"
import * as store from "./store.ts"

const latestMax = 100

/** Asks for a second person's signature over these effects; returns the approval's id. */
export async function requestApproval(act: Act, effects: Effects): Promise<string> {
    const { person } = mustBeOperator(act)
    const id = act.doors.newId()
    const asked = settled(effects)
    const effectsHash = hashOf(asked)
    await store.insertApproval(act.tx, {
        id,
        effects: asked,
        effectsHash,
        requestedBy: person,
        requestedAt: act.now,
        signedBy: null,
        signedAt: null,
        usedAt: null,
        voidedAt: null,
    })
    await record(act, { kind: "approval.requested", approval: id, act: asked.act, effectsHash })
    return id
}

/** The second signature. `effectsHash` is what the signer was shown: over anything else nothing is signed. */
export async function signApproval(act: Act, id: string, effectsHash: string): Promise<void> {
    const { person } = mustBeOperator(act)
    const approval = mustBeGenuine(await store.lockApproval(act.tx, id))
    mustBeIndependent(approval.effects, await signerOf(act, approval.requestedBy), await signerOf(act, person))
    mustWaitForSignature(approval, effectsHash, act.now)
    await store.markSigned(act.tx, id, person, act.now)
    await record(act, { kind: "approval.signed", approval: id, act: approval.effects.act, effectsHash })
}

/**
 * Consumes the signature for what is about to happen in this transaction; of many that race for it, one gets it.
 * Refuses where it is not signed, used, voided, or does not cover `actual`; to void it then is an act of its own.
 */
export async function useApproval(act: Act, id: string, actual: Effects): Promise<Approval> {
    const approval = mustBeGenuine(await store.lockApproval(act.tx, id))
    mustCarry(approval, actual, act.now)
    await store.markUsed(act.tx, id, act.now)
    await record(act, { kind: "approval.used", approval: id, act: actual.act, effectsHash: hashOf(actual) })
    return { ...approval, usedAt: act.now }
}

/** Takes a request or a signature back; one person does. Once more changes nothing; a used one is past that. */
export async function voidApproval(act: Act, id: string, why: VoidReason): Promise<void> {
    const approval = mustBeGenuine(await store.lockApproval(act.tx, id))
    if (approval.usedAt !== null) refuse("conflict", "approval.used", "this approval was used")
    if (approval.voidedAt !== null) return
    await store.markVoided(act.tx, id, act.now)
    await record(act, { kind: "approval.voided", approval: id, act: approval.effects.act, why })
}

/** What waits for a second person, oldest first. */
export async function pendingApprovals(act: Act): Promise<Approval[]> {
    const open = await store.unsigned(act.tx, act.now - signWithinMs)
    return open.map(mustBeGenuine).filter((approval) => stateOf(approval, act.now) === "requested")
}

/** The latest hundred in whatever state, newest first. */
export async function recentApprovals(act: Act): Promise<Approval[]> {
    return (await store.latest(act.tx, latestMax)).map(mustBeGenuine)
}

export async function approval(act: Act, id: string): Promise<Approval> {
    return mustBeGenuine(await store.approval(act.tx, id))
}

async function signerOf(act: Act, id: string): Promise<Signer> {
    return { person: id, creators: await creatorsOf(act, id) }
}

/** Effects that do not hash to what was asked for were changed behind our back: nothing is done with them. */
function mustBeGenuine(found: Approval | undefined): Approval {
    if (!found) refuse("missing", "approval.unknown", "no such approval")
    if (hashOf(found.effects) !== found.effectsHash) throw new Error(`the effects of approval ${found.id} were changed`)
    return found
}

function mustBeOperator(act: Act): OperatorActor {
    if (act.actor.kind !== "operator") {
        refuse("forbidden", "approval.operators_only", "approvals are asked for and signed by persons of the operator")
    }
    return act.actor
}
