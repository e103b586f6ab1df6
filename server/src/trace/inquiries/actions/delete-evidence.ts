/**
 * Deletes evidence and its attributions. Two people do it, and the evidence must not identify either of them. Destroys
 * the key, and keeps the hash and the chain of custody.
 */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { eraseEvidence } from "../../evidence/actions/erase-evidence.ts"
import { lockEvidenceForStaff, assertNotHeld } from "../../evidence/actions/hold-evidence.ts"
import { assertCaseNotHeld, listHeldCases } from "../../../share/cases/actions/hold-case.ts"
import { listInquiryCases } from "./open-inquiry.ts"
import type { ApprovalInput, DeletionOutcome } from "../../../trust/approvals/approval.ts"
import { requestOrApplyApproval, loadReason } from "../../attribution/actions/approve-evidence-action.ts"
import { deleteAttributions } from "../../attribution/actions/delete-attributions.ts"

/**
 * Requests or applies the deletion of evidence. Refuses evidence under legal hold, or of a case under one.
 *
 * An inquiry into a case under legal hold needs its evidence. A request does not check this: it would show the inquiry
 * to people outside it.
 */
export async function deleteEvidence(
    ctx: ActionContext,
    evidence: string,
    approvalInput: ApprovalInput,
): Promise<DeletionOutcome> {
    const by = await lockEvidenceForStaff(ctx, evidence)
    await assertNotHeld(ctx, evidence)
    const { sha256, case: caseId } = await loadEvidence(ctx, evidence)
    if (caseId !== null) await assertCaseNotHeld(ctx, caseId)
    const detail = { evidence, sha256: sha256 ?? "" }
    const isForbidden = approvalInput.approval !== undefined && (await isNeededUnderHold(ctx, evidence))
    const action = { kind: "evidence.delete", by, detail, isForbidden } as const
    const request = await requestOrApplyApproval(ctx, action, approvalInput)
    if (!request.done) return { ...request, isNeeded: isForbidden }
    const reason = await loadReason(ctx, request.approval)
    await deleteAttributions(ctx, evidence)
    await eraseEvidence(ctx, evidence, by, reason)
    await record(ctx, { kind: "evidence.deleted", evidence, sha256, approval: request.approval }, true)
    return { ...request, isNeeded: false }
}

/** Whether an inquiry into a case under legal hold uses this evidence, with any members. */
async function isNeededUnderHold(ctx: ActionContext, evidence: string): Promise<boolean> {
    return (await listHeldCases(ctx, await listInquiryCases(ctx, evidence))).size > 0
}
