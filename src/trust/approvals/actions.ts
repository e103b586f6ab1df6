/** Two people: one asks, another signs the effects, and the act uses the signature once, in its own transaction. */
import { createHmac } from "node:crypto"
import type { Json } from "../../lib/canonical.ts"
import { refuse } from "../../lib/refusal.ts"
import { seal, unseal } from "../../platform/vault.ts"
import { type Act, record } from "../audit/actions.ts"
import { type OperatorActor, personOf } from "../audit/actor.ts"
import { asking, readsReports } from "../identity/access.ts"
import { creatorsOf, personById } from "../identity/actions.ts"
import {
    type Approval,
    type ArtifactVersion,
    type Effects,
    type Gone,
    type Signer,
    type VoidReason,
    canTellOfReports,
    concerns,
    dismissing,
    goneOf,
    hashOf,
    mustBeIndependent,
    mustCarry,
    mustStillBeTwo,
    mustWaitForSignature,
    retoldCase,
    settled,
    signWithinMs,
    stateOf,
} from "./approval.ts"
import * as store from "./store.ts"

const latestMax = 100

/**
 * Asks for a second person's signature over these effects; returns the approval's id. While the same request of the
 * same person waits, it is that one. `words` are what the effects hold as a hash only, for the signer to read and for
 * whoever carries it out: kept sealed. Of `withheldFrom` nobody learns of it, and nobody who is shown the effects learns who
 * they are.
 */
export async function requestApproval(
    act: Act,
    effects: Effects,
    words: Json = null,
    withheldFrom: readonly string[] = [],
): Promise<string> {
    const { person } = mustBeOperator(act)
    const asked = settled(effects)
    if (asking[asked.act] === undefined) throw new Error(`the access table does not say who asks for \`${asked.act}\``)
    const effectsHash = hashOf(asked)
    const waits = (await pendingApprovals(act)).find(
        (one) => one.effectsHash === effectsHash && one.requestedBy === person,
    )
    if (waits) return waits.id
    const id = act.doors.newId()
    await store.insertApproval(act.tx, {
        id,
        effects: asked,
        effectsHash,
        words: words === null ? null : await sealWords(act, id, asked, words),
        requestedBy: person,
        requestedAt: act.now,
        signedBy: null,
        signedAt: null,
        usedAt: null,
        voidedAt: null,
        voidReason: null,
        withheldFrom,
    })
    const event = { approval: id, act: asked.act, effectsHash: recordedHash(act, asked) }
    await record(act, { kind: "approval.requested", ...event }, isSealed(asked))
    return id
}

/**
 * The hash of effects in the log. It is keyed where effects can tell of reports: readers of the log who may not read these could guess
 * the effects, with a report and without one, and compare.
 */
function recordedHash(act: Act, effects: Effects): string {
    const hash = hashOf(effects)
    if (!canTellOfReports(effects)) return hash
    return createHmac("sha256", act.doors.keys.derive("approval-hashes", 32)).update(hash).digest("hex")
}

/** The second signature. `effectsHash` is what the signer was shown: over anything else nothing is signed. */
export async function signApproval(act: Act, id: string, effectsHash: string): Promise<void> {
    const { person } = mustBeOperator(act)
    const approval = mustConcern(act, await store.lockApproval(act.tx, id))
    mustBeIndependent(approval.effects, await signerOf(act, approval.requestedBy), await signerOf(act, person))
    mustWaitForSignature(approval, effectsHash, act.now)
    mustStillBeTwo(await goneNow(act, approval))
    await store.markSigned(act.tx, id, person, act.now)
    const { effects } = approval
    const event = { approval: id, act: effects.act, effectsHash: recordedHash(act, effects) }
    await record(act, { kind: "approval.signed", ...event }, isSealed(effects))
}

/**
 * Consumes the signature for what is about to happen in this transaction; of many that race for it, one gets it.
 * Refuses where it is not signed, used, voided, does not cover `actual`, or where one of the two may no more; to void it
 * then is an act of its own.
 */
export async function useApproval(act: Act, id: string, actual: Effects): Promise<Approval> {
    const approval = mustBeGenuine(await store.lockApproval(act.tx, id))
    mustCarry(approval, actual, act.now)
    mustStillBeTwo(await goneNow(act, approval))
    await store.markUsed(act.tx, id, act.now)
    const event = { approval: id, act: actual.act, effectsHash: recordedHash(act, actual) }
    await record(act, { kind: "approval.applied", ...event }, isSealed(approval.effects))
    // Signed twice is done once: the other signature was over what this one has just done.
    const twins = await store.lockOpenTwins(act.tx, approval.effectsHash, id, act.now - signWithinMs)
    for (const twin of twins) await takeBack(act, twin, "superseded")
    return { ...approval, usedAt: act.now }
}

/** Takes a request or a signature back; one person does. Once more changes nothing; a used one is past that. */
export async function voidApproval(act: Act, id: string, why: VoidReason): Promise<void> {
    const approval = mustConcern(act, await store.lockApproval(act.tx, id))
    if (approval.usedAt !== null) refuse("conflict", "approval.already_applied", "this approval was used")
    if (approval.voidedAt !== null) return
    await takeBack(act, approval, why)
}

/**
 * What was asked or signed about this recipient, by these acts, was so before it was decided anew: none of it stands
 * against the newer decision. For whoever has just decided, in the same transaction.
 */
export async function voidOvertaken(act: Act, acts: readonly string[], recipient: string): Promise<void> {
    const overtaken = await store.lockOpenAbout(act.tx, acts, recipient, act.now - signWithinMs)
    for (const one of overtaken) await takeBack(act, one, "superseded")
}

/** Takes back all that was asked or signed by somebody who has left, or has lost the role, since. */
export async function voidOrphaned(act: Act): Promise<void> {
    for (const one of (await store.lockOpen(act.tx, act.now - signWithinMs)).map(mustBeGenuine)) {
        const gone = await goneNow(act, one)
        if (gone !== null) await takeBack(act, one, gone)
    }
}

async function goneNow(act: Act, approval: Approval): Promise<Gone | null> {
    const { requestedBy, signedBy } = approval
    return goneOf(
        approval,
        await personById(act, requestedBy),
        signedBy === null ? null : await personById(act, signedBy),
    )
}

/** What was asked or signed by these acts for an earlier version of this artifact: it would not be carried out. */
export async function voidOutdated(act: Act, acts: readonly string[], newest: ArtifactVersion): Promise<void> {
    for (const one of await store.lockOpenWith(act.tx, acts, newest.artifact, act.now - signWithinMs)) {
        const its = one.effects.artifacts.filter(({ artifact }) => artifact === newest.artifact)
        if (its.some(({ version }) => version < newest.version)) await takeBack(act, one, "changed")
    }
}

/** What was asked or signed by these acts about this case, but for what still stands. */
export async function voidOfCase(
    act: Act,
    acts: readonly string[],
    caseId: string,
    why: VoidReason,
    stands: (one: Approval) => boolean,
): Promise<void> {
    for (const one of await store.lockOpenOfCase(act.tx, acts, caseId, act.now - signWithinMs)) {
        if (!stands(one)) await takeBack(act, one, why)
    }
}

/** What was asked or signed in this inquiry and not carried out. */
export async function voidOfInquiry(act: Act, inquiry: string): Promise<void> {
    const open = await store.lockOpenOfInquiry(act.tx, inquiry, act.now - signWithinMs)
    for (const one of open) await takeBack(act, one, "withdrawn")
}

/** Of all that was ever asked or signed in this inquiry this person knows no more. */
export async function withholdOfInquiry(act: Act, inquiry: string, person: string): Promise<void> {
    await store.withholdOfInquiry(act.tx, inquiry, person)
}

async function takeBack(act: Act, { id, effects }: Approval, why: VoidReason): Promise<void> {
    await store.markVoided(act.tx, id, why, act.now)
    await record(act, { kind: "approval.voided", approval: id, act: effects.act, why }, isSealed(effects))
}

/** What waits for a second person and concerns whoever asks, oldest first. */
export async function pendingApprovals(act: Act): Promise<Approval[]> {
    const open = await store.unsigned(act.tx, act.now - signWithinMs)
    return open.map(mustBeGenuine).filter((one) => stateOf(one, act.now) === "requested" && mayRead(act, one))
}

/** What was signed, is neither used nor over, and concerns whoever asks, oldest first. */
export async function signedApprovals(act: Act): Promise<Approval[]> {
    const its = (await store.signed(act.tx)).map(mustBeGenuine)
    return its.filter((one) => stateOf(one, act.now) === "signed" && mayRead(act, one))
}

/** The latest hundred in whatever state, those that concern whoever asks, newest first. */
export async function recentApprovals(act: Act): Promise<Approval[]> {
    const its = await store.latest(act.tx, personOf(act.actor), latestMax)
    return its.map(mustBeGenuine).filter((one) => mayRead(act, one))
}

/**
 * Whether a signature about one of these (cases, waves, recalls) was given over a denial and was applied. `entry`: by which reports
 * exploitation was known to the signer.
 */
export async function wasDenialSigned(act: Act, about: readonly string[], entry: number): Promise<boolean> {
    return (await store.usedDenying(act.tx, about, entry)).map(mustBeGenuine).length > 0
}

/** The words that came with the request; null where there were none. */
export async function wordsOf(act: Act, { id, effects, words }: Approval): Promise<Json> {
    if (words === null) return null
    return JSON.parse(await unseal(act.tx, act.doors.keys, scopeOf(effects), placeOf(id), words)) as Json
}

/** Records, once for each person, that what these requests say of a case was read: before the answer, and not for their requesters. */
export async function recordTextReads(act: Act, shown: readonly Approval[]): Promise<void> {
    const person = personOf(act.actor)
    const told = shown.filter((one) => caseTextIn(one) !== null && one.requestedBy !== person)
    if (person === null || told.length === 0) return
    const ids = told.map(({ id }) => id)
    const fresh = new Set(await store.insertReads(act.tx, ids, person))
    for (const one of told) {
        if (!fresh.has(one.id)) continue
        await record(act, { kind: "approval.read", approval: one.id, case: caseTextIn(one) }, isSealed(one.effects))
    }
}

/** The case that the words of a request are about; null: there are none, or those of an inquiry, which records its reads. */
function caseTextIn({ words, effects: { detail, onlyFor } }: Approval): string | null {
    const { case: id } = (detail ?? {}) as { readonly case?: Json }
    return words !== null && onlyFor === undefined && typeof id === "string" ? id : null
}

/** For actions that have let whoever asks in. */
export async function approval(act: Act, id: string): Promise<Approval> {
    return mustBeGenuine(await store.approval(act.tx, id))
}

/** These, by id, in one statement: as `approval`. */
export async function approvalsOf(act: Act, ids: readonly string[]): Promise<ReadonlyMap<string, Approval>> {
    if (ids.length === 0) return new Map()
    const found = (await store.approvals(act.tx, ids)).map(mustBeGenuine)
    return new Map(found.map((one) => [one.id, one]))
}

/** For whoever may know of it; to everybody else there is none. */
export async function shownApproval(act: Act, id: string): Promise<Approval> {
    const found = mustConcern(act, await store.approval(act.tx, id))
    return mayRead(act, found) ? found : mustBeGenuine(undefined)
}

/** The request, for a person who can sign it now. Refuses as `signApproval` would. */
export async function approvalToSign(act: Act, id: string): Promise<Approval> {
    const { person } = mustBeOperator(act)
    const found = await shownApproval(act, id)
    mustBeIndependent(found.effects, await signerOf(act, found.requestedBy), await signerOf(act, person))
    mustWaitForSignature(found, found.effectsHash, act.now)
    mustStillBeTwo(await goneNow(act, found))
    return found
}

/** Whether whoever asks may know of it. */
export async function isKnown(act: Act, id: string): Promise<boolean> {
    return mayKnow(act, await approval(act, id))
}

async function signerOf(act: Act, id: string): Promise<Signer> {
    return { person: id, creators: await creatorsOf(act, id) }
}

/** Effects that do not hash to what was asked for were changed behind our back: nothing is done with them. */
function mustBeGenuine(found: Approval | undefined): Approval {
    if (!found) refuse("missing", "approval.not_found", "no such approval")
    if (hashOf(found.effects) !== found.effectsHash) throw new Error(`the effects of approval ${found.id} were changed`)
    return found
}

function mustConcern(act: Act, found: Approval | undefined): Approval {
    const its = mustBeGenuine(found)
    return mayKnow(act, its) ? its : mustBeGenuine(undefined)
}

function mayKnow(act: Act, its: Approval): boolean {
    const person = personOf(act.actor)
    return person === null || concerns(its, person)
}

/** Staff who may not read reports of exploitation read no approval that can tell of them. Any role that may sign reads reports. */
function mayRead(act: Act, its: Approval): boolean {
    const { actor } = act
    return mayKnow(act, its) && (!canTellOfReports(its.effects) || readsReports(actor))
}

/** What is not for everybody to know is sealed in the record, too. */
const isSealed = ({ act, onlyFor }: Effects): boolean => onlyFor !== undefined || act === dismissing

async function sealWords(act: Act, id: string, effects: Effects, words: Json): Promise<Buffer> {
    return await seal(act.tx, act.doors.keys, scopeOf(effects), placeOf(id), JSON.stringify(words))
}

const placeOf = (id: string): string => `approvals.words:${id}`

/** What a case shall say goes with the case, and what is about one partner with the partner. */
function scopeOf(effects: Effects): string {
    const its = retoldCase(effects)
    if (its !== null) return `case:${its}`
    const [one, ...others] = effects.recipients
    return one !== undefined && others.length === 0 ? `partner:${one}` : "program"
}

function mustBeOperator(act: Act): OperatorActor {
    if (act.actor.kind !== "operator") {
        refuse("forbidden", "approval.staff_only", "approvals are asked for and signed by persons of the operator")
    }
    return act.actor
}
