/**
 * Deletes evidence and its attributions, by two people whom the evidence does not identify. Destroys the key, and keeps
 * the hash and the chain of custody.
 */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadEvidence } from "../../evidence/actions/load-evidence.ts"
import { eraseEvidence } from "../../evidence/actions/erase-evidence.ts"
import { lockEvidenceForStaff, assertNotHeld } from "../../evidence/actions/hold-evidence.ts"
import { assertCaseNotHeld } from "../../../share/cases/actions/hold-case.ts"
import { listAttributions } from "./load-attributions.ts"
import * as store from "../store.ts"
import type { ApprovalInput, ApprovalOutcome } from "../../../trust/approvals/approval.ts"
import { requestOrApplyApproval, loadReason } from "./approve-evidence-action.ts"
import { type VersionId, forgetReadings } from "./save-budgets.ts"

/** Requests or applies the deletion of evidence. Refuses evidence under legal hold, or of a case under one. */
export async function deleteEvidence(
    ctx: ActionContext,
    evidence: string,
    approvalInput: ApprovalInput,
): Promise<ApprovalOutcome> {
    const by = await lockEvidenceForStaff(ctx, evidence)
    await assertNotHeld(ctx, evidence)
    const { sha256, case: caseId } = await loadEvidence(ctx, evidence)
    if (caseId !== null) await assertCaseNotHeld(ctx, caseId)
    const detail = { evidence, sha256: sha256 ?? "" }
    const request = await requestOrApplyApproval(ctx, { kind: "evidence.delete", by, detail }, approvalInput)
    if (!request.done) return request
    const reason = await loadReason(ctx, request.approval)
    await forgetReadings(ctx, await listVersionsRead(ctx, evidence))
    await store.deleteAttributions(ctx.tx, evidence)
    await eraseEvidence(ctx, evidence, by, reason)
    await record(ctx, { kind: "evidence.deleted", evidence, sha256, approval: request.approval }, true)
    return request
}

/** Lists the versions whose budgets include readings of this evidence. */
async function listVersionsRead(ctx: ActionContext, evidence: string): Promise<VersionId[]> {
    const attributions = await listAttributions(ctx, evidence)
    const tested = attributions.flatMap(({ result: { best, others } }) => [...(best === null ? [] : [best]), ...others])
    return tested.filter(({ spending }) => spending !== undefined)
}
