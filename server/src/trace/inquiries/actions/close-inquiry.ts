/**
 * Closes an inquiry with an outcome and reopens it, each with a reason. A closed inquiry can only be read. Its tracing
 * instructions end with it, unless they are extended.
 */
import { voidApprovalsOfInquiry } from "../../../trust/approvals/actions/void-approvals.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Outcome } from "../history.ts"
import { endInstructions } from "./extend-instruction.ts"
import { lockOpenInquiryAsMember } from "./check-membership.ts"
import { changeStatus } from "./change-status.ts"

/**
 * Closes an inquiry. `extended` lists tracing instructions with a signed extension. Voids approvals of the inquiry that
 * are still open.
 */
export async function closeInquiry(
    ctx: ActionContext,
    id: string,
    outcome: Outcome,
    reason: string,
    extended: readonly string[] = [],
): Promise<void> {
    await lockOpenInquiryAsMember(ctx, id)
    await endInstructions(ctx, id, extended)
    await changeStatus(ctx, id, "closed", { outcome, reason })
    await voidApprovalsOfInquiry(ctx, id)
}

/** Reopens a closed inquiry. Refuses `inquiry.still_open` and `inquiry.no_reason`. */
export async function reopenInquiry(ctx: ActionContext, id: string, reason: string): Promise<void> {
    await changeStatus(ctx, id, "reopened", { outcome: null, reason })
}
