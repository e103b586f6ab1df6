/** Requests an approval, signs it and applies it. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import {
    type Approval,
    type Effects,
    assertCanApply,
    assertCanSign,
    assertIndependent,
    assertTwoPeople,
    canRevealReports,
    hashOf,
    normaliseEffects,
    signWithinMs,
} from "../approval.ts"
import { type StoredSignature, signatureHash } from "../../identity/passkeys/passkey.ts"
import {
    assertGenuine,
    assertOperator,
    assertVisible,
    findObstacle,
    isConfidential,
    listPendingApprovals,
    loadSigner,
    placeOf,
    scopeOf,
} from "./load-approvals.ts"
import { permissionByAction } from "../../../kernel/permissions.ts"
import * as store from "../store.ts"
import { createHmac } from "node:crypto"
import { voidOpenApproval } from "./void-approvals.ts"
import { encryptText } from "../../../platform/crypto/vault.ts"

/**
 * Requests a second person's signature over these effects and returns the approval's id. An open request of the same
 * person for the same effects is returned again.
 *
 * `text` is the text behind a hash in the effects, encrypted, for the signer and the person who applies it. People in
 * `withheldFrom` do not learn of the approval, and readers of the effects do not learn these people's ids.
 */
export async function requestApproval(
    ctx: ActionContext,
    effects: Effects,
    text: object | null = null,
    withheldFrom: readonly string[] = [],
): Promise<string> {
    const { person } = assertOperator(ctx)
    const request = normaliseEffects(effects)
    if (permissionByAction[request.action] === undefined)
        throw new Error(`the permissions do not name the requesters of \`${request.action}\``)
    const effectsHash = hashOf(request)
    const existing = (await listPendingApprovals(ctx)).find(
        (approval) => approval.effectsHash === effectsHash && approval.requestedBy === person,
    )
    if (existing) return existing.id
    const id = ctx.services.newId()
    await store.insertApproval(ctx.tx, {
        id,
        effects: request,
        effectsHash,
        textCiphertext: text === null ? null : await encryptApprovalText(ctx, id, request, text),
        requestedBy: person,
        requestedAt: ctx.now,
        signedBy: null,
        signedAt: null,
        appliedAt: null,
        voidedAt: null,
        voidReason: null,
        withheldFrom,
    })
    const event = { approval: id, action: request.action, effectsHash: recordedHash(ctx, request) }
    await record(ctx, { kind: "approval.requested", ...event }, isConfidential(request))
    return id
}

/**
 * The hash of the effects for the audit log. It is keyed where effects can reveal reports. Otherwise a reader of the
 * log could guess the effects with and without a report, and compare.
 */
function recordedHash(ctx: ActionContext, effects: Effects): string {
    const hash = hashOf(effects)
    if (!canRevealReports(effects)) return hash
    return createHmac("sha256", ctx.services.keys.derive("approval-hashes", 32)).update(hash).digest("hex")
}

/**
 * Signs an approval as the second person, with a verified assertion where there is one. Refuses
 * `approval.effects_mismatch` where `effectsHash` is not the hash of its effects.
 */
export async function signApproval(
    ctx: ActionContext,
    id: string,
    effectsHash: string,
    signature: StoredSignature | null = null,
): Promise<void> {
    const { person } = assertOperator(ctx)
    const approval = assertVisible(ctx, await store.lockApproval(ctx.tx, id))
    assertIndependent(approval.effects, await loadSigner(ctx, approval.requestedBy), await loadSigner(ctx, person))
    assertCanSign(approval, effectsHash, ctx.now)
    assertTwoPeople(await findObstacle(ctx, approval))
    await store.markSigned(ctx.tx, { id, person, signature }, ctx.now)
    const { effects } = approval
    const event = {
        approval: id,
        action: effects.action,
        effectsHash: recordedHash(ctx, effects),
        signatureHash: signature === null ? null : signatureHash(signature),
    }
    await record(ctx, { kind: "approval.signed", ...event }, isConfidential(effects))
}

/**
 * Applies a signed approval to what happens in this transaction; of concurrent calls, one succeeds.
 *
 * Refuses an approval that is unsigned, applied, voided or expired, that does not cover `actual`, or whose requester
 * or signer may no longer act. Voiding it is a separate action.
 */
export async function applyApproval(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    const approval = await lockApplicable(ctx, id, actual)
    await store.markApplied(ctx.tx, id, ctx.now)
    const event = { approval: id, action: actual.action, effectsHash: recordedHash(ctx, actual) }
    await record(ctx, { kind: "approval.applied", ...event }, isConfidential(approval.effects))
    // Voids other signed approvals of the same effects, because this one has just been applied.
    const duplicates = await store.lockOpenDuplicates(ctx.tx, approval.effectsHash, id, ctx.now - signWithinMs)
    for (const duplicate of duplicates) await voidOpenApproval(ctx, duplicate, "superseded")
    return { ...approval, appliedAt: ctx.now }
}

/**
 * Voids a signed approval in place of applying it, where work forbids it that its requester may not know of. The event
 * says that the person who applies it withdrew it: a reason of its own would tell all staff of that work. Refuses what
 * `applyApproval` refuses.
 *
 * Commit this transaction, and refuse after it. So each answer costs two new signatures.
 */
export async function voidInsteadOfApplying(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    const approval = await lockApplicable(ctx, id, actual)
    await voidOpenApproval(ctx, approval, "withdrawn")
    return { ...approval, voidedAt: ctx.now }
}

async function lockApplicable(ctx: ActionContext, id: string, actual: Effects): Promise<Approval> {
    const approval = assertGenuine(await store.lockApproval(ctx.tx, id))
    assertCanApply(approval, actual, ctx.now)
    assertTwoPeople(await findObstacle(ctx, approval))
    return approval
}

async function encryptApprovalText(ctx: ActionContext, id: string, effects: Effects, text: object): Promise<Buffer> {
    return await encryptText(ctx.tx, ctx.services.keys, scopeOf(effects), placeOf(id), JSON.stringify(text))
}
