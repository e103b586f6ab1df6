/**
 * Closes an inquiry with an outcome and reopens it, each with a reason. A closed inquiry can only be read. Its tracing
 * instructions end with it, unless they are extended.
 */
import { voidOfInquiry } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Outcome } from "../history.ts"
import { endProvisions } from "./extend-instruction.ts"
import { memberOfOpen } from "./check-membership.ts"
import { turn } from "./change-status.ts"

/**
 * Closes an inquiry. `carried` lists tracing instructions with a signed extension. Voids approvals of the inquiry that
 * are still open.
 */
export async function closeInquiry(
    ctx: ActionContext,
    id: string,
    outcome: Outcome,
    reason: string,
    carried: readonly string[] = [],
): Promise<void> {
    await memberOfOpen(ctx, id)
    await endProvisions(ctx, id, carried)
    await turn(ctx, id, "closed", { outcome, reason })
    await voidOfInquiry(ctx, id)
}

/** Reopens a closed inquiry. Refuses `inquiry.still_open` and `inquiry.no_reason`. */
export async function reopenInquiry(ctx: ActionContext, id: string, reason: string): Promise<void> {
    await turn(ctx, id, "reopened", { outcome: null, reason })
}
