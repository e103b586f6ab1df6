/**
 * Places legal holds on cases, and lifts them. One person places a hold; two people lift it. Until then the content of
 * the case and its evidence cannot be deleted.
 */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { decryptText, destroyKey, encryptText } from "../../../platform/crypto/vault.ts"
import { lockAgainstHolds, lockCase } from "./load-case.ts"
import { applyApproval, requestApproval } from "../../../trust/approvals/actions/request-approval.ts"
import type { ApprovalInput, ApprovalOutcome } from "../../../trust/approvals/approval.ts"
import { type CaseHold, holdLiftEffects, refuseHeld, validateReason } from "../hold.ts"
import * as store from "../store/holds.ts"

/** Places a legal hold, which is valid at once. Returns its id. Refuses `case.already_on_hold`. */
export async function placeHold(ctx: ActionContext, caseId: string, reason: string): Promise<string> {
    const setBy = personOf(ctx.actor)
    if (setBy === null) throw new Error("only staff place legal holds")
    const trimmed = validateReason(reason)
    await lockCase(ctx, caseId)
    if (await store.findHold(ctx.tx, caseId)) {
        refuse("conflict", "case.already_on_hold", "this case is already under legal hold")
    }
    const id = ctx.services.newId()
    const reason_ciphertext = await encryptText(ctx.tx, ctx.services.keys, scopeOf(id), placeOf(id), trimmed)
    const row = { id, case: caseId, reason_ciphertext, set_by: setBy, set_at: ctx.now }
    await store.insertHold(ctx.tx, row)
    await record(ctx, { kind: "case.hold_placed", case: caseId, hold: id })
    return id
}

/** Loads the current legal hold, or null. */
export async function findCaseHold(ctx: ActionContext, caseId: string): Promise<CaseHold | null> {
    const row = await store.findHold(ctx.tx, caseId)
    if (!row) return null
    const reason = await decryptText(ctx.tx, ctx.services.keys, scopeOf(row.id), placeOf(row.id), row.reason_ciphertext)
    return { id: row.id, reason, setBy: row.set_by, setAt: row.set_at }
}

export const isCaseHeld = async (ctx: ActionContext, caseId: string): Promise<boolean> =>
    (await store.findHold(ctx.tx, caseId)) !== undefined

/** Returns the cases that are under legal hold. No hold is placed on the others until the transaction ends. */
export async function listHeldCases(ctx: ActionContext, cases: readonly string[]): Promise<ReadonlySet<string>> {
    await lockAgainstHolds(ctx, cases)
    return new Set(await store.listHeldCases(ctx.tx, cases))
}

/** Locks the case, and refuses `case.on_hold` for a case under legal hold. */
export async function assertCaseNotHeld(ctx: ActionContext, caseId: string): Promise<void> {
    await lockCase(ctx, caseId)
    if (await isCaseHeld(ctx, caseId)) refuseHeld()
}

/**
 * Requests the end of a legal hold; with the signed approval, lifts it and destroys the key of its reason. Refuses
 * `case.not_on_hold`.
 */
export async function liftCaseHold(ctx: ActionContext, caseId: string, input: ApprovalInput): Promise<ApprovalOutcome> {
    await lockCase(ctx, caseId)
    const { id: hold } =
        (await store.findHold(ctx.tx, caseId)) ??
        refuse("conflict", "case.not_on_hold", "this case is not under legal hold")
    const effects = holdLiftEffects(caseId, hold)
    const { approval } = input
    if (approval === undefined) {
        const text = { reason: validateReason(input.reason ?? "") }
        return { done: false, approval: await requestApproval(ctx, effects, text) }
    }
    await applyApproval(ctx, approval, effects)
    await store.liftHold(ctx.tx, hold, ctx.now)
    await destroyKey(ctx.tx, scopeOf(hold))
    await record(ctx, { kind: "case.hold_lifted", case: caseId, hold, approval })
    return { done: true, approval }
}

/** A key of its own: a hold can outlive the content of its case, and protects evidence then. */
const scopeOf = (id: string): string => `case_hold:${id}`
const placeOf = (id: string): string => `case_holds.reason:${id}`
