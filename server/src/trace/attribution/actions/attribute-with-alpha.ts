/** Attributes a text with a chosen α. A large α needs two people: one requests with a reason, another signs. */
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { lockEvidenceForStaff } from "../../evidence/actions/hold-evidence.ts"
import { attribute } from "./attribute-leak.ts"
import { alphaOnePersonMax, alphaDefault, validateAlpha } from "../attribution.ts"
import type { ApprovalInput, ApprovalOutcome } from "../../../trust/approvals/approval.ts"
import { requestOrApplyApproval } from "./approve-evidence-action.ts"

/**
 * Attributes at once up to `alphaOnePersonMax`. Above it, or for a text that contradicts an earlier leak, the first
 * call requests an approval and the next applies it.
 */
export async function attributeWithAlpha(
    ctx: ActionContext,
    evidence: string,
    { alpha = alphaDefault, ...approvalInput }: ApprovalInput & { readonly alpha?: number | undefined },
): Promise<ApprovalOutcome | { readonly done: true; readonly approval: null }> {
    validateAlpha(alpha)
    if (alpha <= alphaOnePersonMax && approvalInput.approval === undefined) {
        try {
            await attribute(ctx, evidence, alpha)
            return { done: true, approval: null }
        } catch (error) {
            const needsSecondSignature = error instanceof Refusal && error.code === "attribution.contradicts_leak"
            if (!(needsSecondSignature && approvalInput.reason !== undefined)) throw error
        }
    }
    const by = await lockEvidenceForStaff(ctx, evidence)
    const detail = { evidence, alpha: String(alpha) }
    const request = await requestOrApplyApproval(ctx, { kind: "evidence.attribute", by, detail }, approvalInput)
    if (request.done) await attribute(ctx, evidence, alpha, request.approval)
    return request
}
