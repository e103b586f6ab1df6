/**
 * Requests, signs and applies approvals. Two people: one requests, another signs the effects, and the action applies
 * the approval once in its own transaction.
 */
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
 * Requests a second person's signature over these effects and returns the approval's id. An open request of the same
 * person for the same effects is returned again.
 *
 * `words` is the text behind a hash in the effects, encrypted, for the signer and the person who applies it. People in
 * `withheldFrom` do not learn of the approval, and readers of the effects do not learn these people's ids.
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
 * The hash of the effects for the audit log. It is keyed where effects can tell of reports. Otherwise a reader of the
 * log could guess the effects with and without a report, and compare.
 */
function recordedHash(ctx: ActionContext, effects: Effects): string {
    const hash = hashOf(effects)
    if (!canTellOfReports(effects)) return hash
    return createHmac("sha256", ctx.services.keys.derive("approval-hashes", 32)).update(hash).digest("hex")
}

/**
 * Signs an approval as the second person. Refuses `approval.effects_mismatch` where `effectsHash` is not the hash of
 * its effects.
 */
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
 * Applies a signed approval to what happens in this transaction; of concurrent calls, one succeeds.
 *
 * Refuses an approval that is unsigned, applied, voided or expired, that does not cover `actual`, or whose requester
 * or signer may no longer act. Voiding it is a separate action.
 */
export async function useApproval(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    const approval = validateGenuine(await store.lockApproval(ctx.tx, id))
    assertCarries(approval, actual, ctx.now)
    assertTwoPeople(await goneNow(ctx, approval))
    await store.markUsed(ctx.tx, id, ctx.now)
    const event = { approval: id, act: actual.act, effectsHash: recordedHash(ctx, actual) }
    await record(ctx, { kind: "approval.applied", ...event }, isSealed(approval.effects))
    // Voids other signed approvals of the same effects, because this one has just been applied.
    const twins = await store.lockOpenTwins(ctx.tx, approval.effectsHash, id, ctx.now - signWithinMs)
    for (const twin of twins) await voidOpenApproval(ctx, twin, "superseded")
    return { ...approval, usedAt: ctx.now }
}

/**
 * Voids a request or a signature. One person is enough; repeating it changes nothing. Refuses
 * `approval.already_applied`.
 */
export async function voidApproval(ctx: ActionContext, id: string, why: VoidReason): Promise<void> {
    const approval = assertConcerns(ctx, await store.lockApproval(ctx.tx, id))
    if (approval.usedAt !== null)
        refuse("conflict", "approval.already_applied", "this approval was already applied: request a new one")
    if (approval.voidedAt !== null) return
    await voidOpenApproval(ctx, approval, why)
}

/**
 * Voids open approvals of these actions for this recipient, because a newer decision supersedes them. Call it in the
 * transaction of that decision.
 */
export async function voidOvertaken(ctx: ActionContext, acts: readonly string[], recipient: string): Promise<void> {
    const overtaken = await store.lockOpenAbout(ctx.tx, acts, recipient, ctx.now - signWithinMs)
    for (const approval of overtaken) await voidOpenApproval(ctx, approval, "superseded")
}

/** Voids open approvals whose requester or signer has left or lost the role. */
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

/** Voids open approvals of these actions for an earlier version of this artifact. */
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

/** Voids open approvals of these actions for this case, except those that are still valid. */
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

/** Voids open approvals of this inquiry. */
export async function voidOfInquiry(ctx: ActionContext, inquiry: string): Promise<void> {
    const open = await store.lockOpenOfInquiry(ctx.tx, inquiry, ctx.now - signWithinMs)
    for (const approval of open) await voidOpenApproval(ctx, approval, "withdrawn")
}

/** Hides every approval of this inquiry, past or open, from this person. */
export async function withholdOfInquiry(ctx: ActionContext, inquiry: string, person: string): Promise<void> {
    await store.withholdOfInquiry(ctx.tx, inquiry, person)
}

async function voidOpenApproval(ctx: ActionContext, { id, effects }: Approval, why: VoidReason): Promise<void> {
    await store.markVoided(ctx.tx, id, why, ctx.now)
    await record(ctx, { kind: "approval.voided", approval: id, act: effects.act, why }, isSealed(effects))
}

/** Lists requests that wait for a signature and that the caller may see, oldest first. */
export async function pendingApprovals(ctx: ActionContext): Promise<Approval[]> {
    const open = await store.unsigned(ctx.tx, ctx.now - signWithinMs)
    return open
        .map(validateGenuine)
        .filter((approval) => stateOf(approval, ctx.now) === "requested" && mayRead(ctx, approval))
}

/** Lists signed approvals that can still be applied and that the caller may see, oldest first. */
export async function signedApprovals(ctx: ActionContext): Promise<Approval[]> {
    const approvals = (await store.signed(ctx.tx)).map(validateGenuine)
    return approvals.filter((approval) => stateOf(approval, ctx.now) === "signed" && mayRead(ctx, approval))
}

/** Lists the latest 100 approvals in any state that the caller may see, newest first. */
export async function recentApprovals(ctx: ActionContext): Promise<Approval[]> {
    const approvals = await store.listLatest(ctx.tx, personOf(ctx.actor), latestMax)
    return approvals.map(validateGenuine).filter((approval) => mayRead(ctx, approval))
}

/**
 * Whether an applied approval about one of these (cases, waves, recalls) was signed over a denial of exploitation.
 * `entry`: the newest report that the signer saw.
 */
export async function wasDenialSigned(ctx: ActionContext, about: readonly string[], entry: number): Promise<boolean> {
    return (await store.listUsedDenying(ctx.tx, about, entry)).map(validateGenuine).length > 0
}

/** The texts of an approval by name. */
type Words = Readonly<Record<string, Json>>

/** Decrypts the text of the request; null where it has none. */
export async function wordsOf(ctx: ActionContext, { id, effects, words }: Approval): Promise<Words | null> {
    if (words === null) return null
    return JSON.parse(await unseal(ctx.tx, ctx.services.keys, scopeOf(effects), placeOf(id), words)) as Words
}

/**
 * Records once per person that the case text of these requests was read, before the answer. The requester's own reads
 * are left out.
 */
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

/**
 * The case that the text of a request is about. Null: no text, or the text of an inquiry, which records its own reads.
 */
function caseTextIn({ words, effects: { detail, onlyFor } }: Approval): string | null {
    const { case: id } = (detail ?? {}) as { readonly case?: Json }
    return words !== null && onlyFor === undefined && typeof id === "string" ? id : null
}

/** Loads an approval without a check of the caller. Refuses `approval.not_found`. */
export async function approval(ctx: ActionContext, id: string): Promise<Approval> {
    return validateGenuine(await store.findApproval(ctx.tx, id))
}

/** Loads approvals by id in one statement, without a check of the caller. */
export async function approvalsOf(ctx: ActionContext, ids: readonly string[]): Promise<ReadonlyMap<string, Approval>> {
    if (ids.length === 0) return new Map()
    const found = (await store.listApprovals(ctx.tx, ids)).map(validateGenuine)
    return new Map(found.map((approval) => [approval.id, approval]))
}

/** Loads an approval that the caller may see. Refuses `approval.not_found` for any other. */
export async function shownApproval(ctx: ActionContext, id: string): Promise<Approval> {
    const found = assertConcerns(ctx, await store.findApproval(ctx.tx, id))
    return mayRead(ctx, found) ? found : validateGenuine(undefined)
}

/** Loads a request for a person who can sign it now. Refuses what `signApproval` refuses. */
export async function approvalToSign(ctx: ActionContext, id: string): Promise<Approval> {
    const { person } = assertOperator(ctx)
    const found = await shownApproval(ctx, id)
    assertIndependent(found.effects, await signerOf(ctx, found.requestedBy), await signerOf(ctx, person))
    assertUnsigned(found, found.effectsHash, ctx.now)
    assertTwoPeople(await goneNow(ctx, found))
    return found
}

/** Whether the caller may see this approval. */
export async function isKnown(ctx: ActionContext, id: string): Promise<boolean> {
    return mayKnow(ctx, await approval(ctx, id))
}

async function signerOf(ctx: ActionContext, id: string): Promise<Signer> {
    return { person: id, creators: await creatorsOf(ctx, id) }
}

/** Throws where the effects do not match their hash: the database was changed from outside. */
function validateGenuine(found: Approval | undefined): Approval {
    if (!found) refuse("missing", "approval.not_found", "no approval with this id")
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

/**
 * Whether the actor may read this approval. Staff who may not read reports of exploitation read no approval that can
 * tell of them. Every role that may sign reads reports.
 */
function mayRead(ctx: ActionContext, approval: Approval): boolean {
    const { actor } = ctx
    return mayKnow(ctx, approval) && (!canTellOfReports(approval.effects) || readsReports(actor))
}

/** Whether the approval's events are confidential in the audit log. */
const isSealed = ({ act, onlyFor }: Effects): boolean => onlyFor !== undefined || act === dismissing

async function sealWords(ctx: ActionContext, id: string, effects: Effects, words: Json): Promise<Buffer> {
    return await seal(ctx.tx, ctx.services.keys, scopeOf(effects), placeOf(id), JSON.stringify(words))
}

const placeOf = (id: string): string => `approvals.words:${id}`

/** The encryption scope of the text: the case, or the partner. */
function scopeOf(effects: Effects): string {
    const value = retoldCase(effects)
    if (value !== null) return `case:${value}`
    const [item, ...others] = effects.recipients
    return item !== undefined && others.length === 0 ? `partner:${item}` : "program"
}

function assertOperator(ctx: ActionContext): OperatorActor {
    if (ctx.actor.kind !== "operator") {
        refuse("forbidden", "approval.staff_only", "only staff request and sign approvals: sign in as a staff member")
    }
    return ctx.actor
}
