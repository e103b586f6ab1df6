/** Lifts the legal hold of evidence, by two people whom the evidence does not identify. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import { endHold, loadHoldId, lockEvidenceForStaff } from "../../evidence/actions/hold-evidence.ts"
import type { ApprovalInput, ApprovalOutcome } from "../../../trust/approvals/approval.ts"
import { requestOrApplyApproval } from "./approve-evidence-action.ts"

/** Requests or applies the end of a legal hold. */
export async function liftHold(
    ctx: ActionContext,
    evidence: string,
    approvalInput: ApprovalInput,
): Promise<ApprovalOutcome> {
    const by = await lockEvidenceForStaff(ctx, evidence)
    const hold = await loadHoldId(ctx, evidence)
    const request = await requestOrApplyApproval(
        ctx,
        { kind: "evidence.lift_hold", by, detail: { evidence, hold } },
        approvalInput,
    )
    if (request.done) await endHold(ctx, { evidence, hold, approval: request.approval })
    return request
}
