/** Two people: one asks, another signs the effects, and the act uses the signature once, in its own transaction. */
import { createHmac } from "node:crypto"
import type { Json } from "@tocsin/base/canonical"
import { refuse } from "@tocsin/base/refusal"
import { seal, unseal } from "../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../kernel/action-context.ts"
import { type OperatorActor, personOf } from "../../kernel/actor.ts"
import { asking, readsReports } from "../../kernel/permissions.ts"
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
    assertIndependent,
    assertCarries,
    assertTwoPeople,
    assertUnsigned,
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
    ctx: ActionContext,
    effects: Effects,
    words: Json = null,
    withheldFrom: readonly string[] = [],
): Promise<string> {
    const { person } = assertOperator(ctx)
    const request = settled(effects)
    if (asking[request.act] === undefined)
        throw new Error(`the access table does not say who asks for \`${request.act}\``)
    const effectsHash = hashOf(request)
    const waits = (await pendingApprovals(ctx)).find(
        (approval) => approval.effectsHash === effectsHash && approval.requestedBy === person,
    )
    if (waits) return waits.id
    const id = ctx.services.newId()
    await store.insertApproval(ctx.tx, {
        id,
        effects: request,
        effectsHash,
        words: words === null ? null : await sealWords(ctx, id, request, words),
        requestedBy: person,
        requestedAt: ctx.now,
        signedBy: null,
        signedAt: null,
        usedAt: null,
        voidedAt: null,
        voidReason: null,
        withheldFrom,
    })
    const event = { approval: id, act: request.act, effectsHash: recordedHash(ctx, request) }
    await record(ctx, { kind: "approval.requested", ...event }, isSealed(request))
    return id
}

/**
 * The hash of effects in the log. It is keyed where effects can tell of reports: readers of the log who may not read these could guess
 * the effects, with a report and without one, and compare.
 */
function recordedHash(ctx: ActionContext, effects: Effects): string {
    const hash = hashOf(effects)
    if (!canTellOfReports(effects)) return hash
    return createHmac("sha256", ctx.services.keys.derive("approval-hashes", 32)).update(hash).digest("hex")
}

/** The second signature. `effectsHash` is what the signer was shown: over anything else nothing is signed. */
export async function signApproval(ctx: ActionContext, id: string, effectsHash: string): Promise<void> {
    const { person } = assertOperator(ctx)
    const approval = assertConcerns(ctx, await store.lockApproval(ctx.tx, id))
    assertIndependent(approval.effects, await signerOf(ctx, approval.requestedBy), await signerOf(ctx, person))
    assertUnsigned(approval, effectsHash, ctx.now)
    assertTwoPeople(await goneNow(ctx, approval))
    await store.markSigned(ctx.tx, id, person, ctx.now)
    const { effects } = approval
    const event = { approval: id, act: effects.act, effectsHash: recordedHash(ctx, effects) }
    await record(ctx, { kind: "approval.signed", ...event }, isSealed(effects))
}

/**
 * Consumes the signature for what is about to happen in this transaction; of many that race for it, one gets it.
 * Refuses where it is not signed, used, voided, does not cover `actual`, or where one of the two may no more; to void it
 * then is an act of its own.
 */
export async function useApproval(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    const approval = validateGenuine(await store.lockApproval(ctx.tx, id))
    assertCarries(approval, actual, ctx.now)
    assertTwoPeople(await goneNow(ctx, approval))
    await store.markUsed(ctx.tx, id, ctx.now)
    const event = { approval: id, act: actual.act, effectsHash: recordedHash(ctx, actual) }
    await record(ctx, { kind: "approval.applied", ...event }, isSealed(approval.effects))
    // Signed twice is done once: the other signature was over what this one has just done.
    const twins = await store.lockOpenTwins(ctx.tx, approval.effectsHash, id, ctx.now - signWithinMs)
    for (const twin of twins) await voidOpenApproval(ctx, twin, "superseded")
    return { ...approval, usedAt: ctx.now }
}

/** Takes a request or a signature back; one person does. Once more changes nothing; a used one is past that. */
export async function voidApproval(ctx: ActionContext, id: string, why: VoidReason): Promise<void> {
    const approval = assertConcerns(ctx, await store.lockApproval(ctx.tx, id))
    if (approval.usedAt !== null) refuse("conflict", "approval.already_applied", "this approval was used")
    if (approval.voidedAt !== null) return
    await voidOpenApproval(ctx, approval, why)
}

/**
 * What was asked or signed about this recipient, by these acts, was so before it was decided anew: none of it stands
 * against the newer decision. For whoever has just decided, in the same transaction.
 */
export async function voidOvertaken(ctx: ActionContext, acts: readonly string[], recipient: string): Promise<void> {
    const overtaken = await store.lockOpenAbout(ctx.tx, acts, recipient, ctx.now - signWithinMs)
    for (const approval of overtaken) await voidOpenApproval(ctx, approval, "superseded")
}

/** Takes back all that was asked or signed by somebody who has left, or has lost the role, since. */
export async function voidOrphaned(ctx: ActionContext): Promise<void> {
    for (const approval of (await store.lockOpen(ctx.tx, ctx.now - signWithinMs)).map(validateGenuine)) {
        const gone = await goneNow(ctx, approval)
        if (gone !== null) await voidOpenApproval(ctx, approval, gone)
    }
}

async function goneNow(ctx: ActionContext, approval: Approval): Promise<Gone | null> {
    const { requestedBy, signedBy } = approval
    return goneOf(
        approval,
        await personById(ctx, requestedBy),
        signedBy === null ? null : await personById(ctx, signedBy),
    )
}

/** What was asked or signed by these acts for an earlier version of this artifact: it would not be carried out. */
export async function voidOutdated(
    ctx: ActionContext,
    acts: readonly string[],
    newest: ArtifactVersion,
): Promise<void> {
    for (const approval of await store.lockOpenWith(ctx.tx, acts, newest.artifact, ctx.now - signWithinMs)) {
        const artifactVersions = approval.effects.artifacts.filter(({ artifact }) => artifact === newest.artifact)
        if (artifactVersions.some(({ version }) => version < newest.version))
            await voidOpenApproval(ctx, approval, "changed")
    }
}

/** What was asked or signed by these acts about this case, but for what still stands. */
export async function voidOfCase(
    ctx: ActionContext,
    acts: readonly string[],
    caseId: string,
    why: VoidReason,
    stands: (approval: Approval) => boolean,
): Promise<void> {
    for (const approval of await store.lockOpenOfCase(ctx.tx, acts, caseId, ctx.now - signWithinMs)) {
        if (!stands(approval)) await voidOpenApproval(ctx, approval, why)
    }
}

/** What was asked or signed in this inquiry and not carried out. */
export async function voidOfInquiry(ctx: ActionContext, inquiry: string): Promise<void> {
    const open = await store.lockOpenOfInquiry(ctx.tx, inquiry, ctx.now - signWithinMs)
    for (const approval of open) await voidOpenApproval(ctx, approval, "withdrawn")
}

/** Of all that was ever asked or signed in this inquiry this person knows no more. */
export async function withholdOfInquiry(ctx: ActionContext, inquiry: string, person: string): Promise<void> {
    await store.withholdOfInquiry(ctx.tx, inquiry, person)
}

async function voidOpenApproval(ctx: ActionContext, { id, effects }: Approval, why: VoidReason): Promise<void> {
    await store.markVoided(ctx.tx, id, why, ctx.now)
    await record(ctx, { kind: "approval.voided", approval: id, act: effects.act, why }, isSealed(effects))
}

/** What waits for a second person and concerns whoever asks, oldest first. */
export async function pendingApprovals(ctx: ActionContext): Promise<Approval[]> {
    const open = await store.unsigned(ctx.tx, ctx.now - signWithinMs)
    return open
        .map(validateGenuine)
        .filter((approval) => stateOf(approval, ctx.now) === "requested" && mayRead(ctx, approval))
}

/** What was signed, is neither used nor over, and concerns whoever asks, oldest first. */
export async function signedApprovals(ctx: ActionContext): Promise<Approval[]> {
    const approvals = (await store.signed(ctx.tx)).map(validateGenuine)
    return approvals.filter((approval) => stateOf(approval, ctx.now) === "signed" && mayRead(ctx, approval))
}

/** The latest hundred in whatever state, those that concern whoever asks, newest first. */
export async function recentApprovals(ctx: ActionContext): Promise<Approval[]> {
    const approvals = await store.listLatest(ctx.tx, personOf(ctx.actor), latestMax)
    return approvals.map(validateGenuine).filter((approval) => mayRead(ctx, approval))
}

/**
 * Whether a signature about one of these (cases, waves, recalls) was given over a denial and was applied. `entry`: by which reports
 * exploitation was known to the signer.
 */
export async function wasDenialSigned(ctx: ActionContext, about: readonly string[], entry: number): Promise<boolean> {
    return (await store.listUsedDenying(ctx.tx, about, entry)).map(validateGenuine).length > 0
}

/** The words that came with the request; null where there were none. */
export async function wordsOf(ctx: ActionContext, { id, effects, words }: Approval): Promise<Json> {
    if (words === null) return null
    return JSON.parse(await unseal(ctx.tx, ctx.services.keys, scopeOf(effects), placeOf(id), words)) as Json
}

/** Records, once for each person, that what these requests say of a case was read: before the answer, and not for their requesters. */
export async function recordTextReads(ctx: ActionContext, shown: readonly Approval[]): Promise<void> {
    const person = personOf(ctx.actor)
    const approvals = shown.filter((approval) => caseTextIn(approval) !== null && approval.requestedBy !== person)
    if (person === null || approvals.length === 0) return
    const ids = approvals.map(({ id }) => id)
    const fresh = new Set(await store.insertReads(ctx.tx, ids, person))
    for (const approval of approvals) {
        if (!fresh.has(approval.id)) continue
        await record(
            ctx,
            { kind: "approval.read", approval: approval.id, case: caseTextIn(approval) },
            isSealed(approval.effects),
        )
    }
}

/** The case that the words of a request are about; null: there are none, or those of an inquiry, which records its reads. */
function caseTextIn({ words, effects: { detail, onlyFor } }: Approval): string | null {
    const { case: id } = (detail ?? {}) as { readonly case?: Json }
    return words !== null && onlyFor === undefined && typeof id === "string" ? id : null
}

/** For actions that have let whoever asks in. */
export async function approval(ctx: ActionContext, id: string): Promise<Approval> {
    return validateGenuine(await store.findApproval(ctx.tx, id))
}

/** These, by id, in one statement: as `approval`. */
export async function approvalsOf(ctx: ActionContext, ids: readonly string[]): Promise<ReadonlyMap<string, Approval>> {
    if (ids.length === 0) return new Map()
    const found = (await store.listApprovals(ctx.tx, ids)).map(validateGenuine)
    return new Map(found.map((approval) => [approval.id, approval]))
}

/** For whoever may know of it; to everybody else there is none. */
export async function shownApproval(ctx: ActionContext, id: string): Promise<Approval> {
    const found = assertConcerns(ctx, await store.findApproval(ctx.tx, id))
    return mayRead(ctx, found) ? found : validateGenuine(undefined)
}

/** The request, for a person who can sign it now. Refuses as `signApproval` would. */
export async function approvalToSign(ctx: ActionContext, id: string): Promise<Approval> {
    const { person } = assertOperator(ctx)
    const found = await shownApproval(ctx, id)
    assertIndependent(found.effects, await signerOf(ctx, found.requestedBy), await signerOf(ctx, person))
    assertUnsigned(found, found.effectsHash, ctx.now)
    assertTwoPeople(await goneNow(ctx, found))
    return found
}

/** Whether whoever asks may know of it. */
export async function isKnown(ctx: ActionContext, id: string): Promise<boolean> {
    return mayKnow(ctx, await approval(ctx, id))
}

async function signerOf(ctx: ActionContext, id: string): Promise<Signer> {
    return { person: id, creators: await creatorsOf(ctx, id) }
}

/** Effects that do not hash to what was asked for were changed behind our back: nothing is done with them. */
function validateGenuine(found: Approval | undefined): Approval {
    if (!found) refuse("missing", "approval.not_found", "no such approval")
    if (hashOf(found.effects) !== found.effectsHash) throw new Error(`the effects of approval ${found.id} were changed`)
    return found
}

function assertConcerns(ctx: ActionContext, found: Approval | undefined): Approval {
    const approval = validateGenuine(found)
    return mayKnow(ctx, approval) ? approval : validateGenuine(undefined)
}

function mayKnow(ctx: ActionContext, approval: Approval): boolean {
    const person = personOf(ctx.actor)
    return person === null || concerns(approval, person)
}

/** Staff who may not read reports of exploitation read no approval that can tell of them. Any role that may sign reads reports. */
function mayRead(ctx: ActionContext, approval: Approval): boolean {
    const { actor } = ctx
    return mayKnow(ctx, approval) && (!canTellOfReports(approval.effects) || readsReports(actor))
}

/** What is not for everybody to know is sealed in the record, too. */
const isSealed = ({ act, onlyFor }: Effects): boolean => onlyFor !== undefined || act === dismissing

async function sealWords(ctx: ActionContext, id: string, effects: Effects, words: Json): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, scopeOf(effects), placeOf(id), JSON.stringify(words))
}

const placeOf = (id: string): string => `approvals.words:${id}`

/** What a case shall say goes with the case, and what is about one partner with the partner. */
function scopeOf(effects: Effects): string {
    const value = retoldCase(effects)
    if (value !== null) return `case:${value}`
    const [item, ...others] = effects.recipients
    return item !== undefined && others.length === 0 ? `partner:${item}` : "program"
}

function assertOperator(ctx: ActionContext): OperatorActor {
    if (ctx.actor.kind !== "operator") {
        refuse("forbidden", "approval.staff_only", "approvals are asked for and signed by persons of the operator")
    }
    return ctx.actor
}
