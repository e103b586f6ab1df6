/**
 * Closes an inquiry with an outcome, and opens it again, each with a reason; a closed one is read, and not changed. Its provisions
 * end with it, but for those that whoever closes it carries on.
 */
import { voidOfInquiry } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import type { Outcome } from "../history.ts"
import { endProvisions } from "./extend-instruction.ts"
import { memberOfOpen } from "./check-membership.ts"
import { turn } from "./record-entry.ts"

/** `carried`: provisions that go on, as a second member has signed. What waits for a signature in it is taken back. */
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

export async function reopenInquiry(ctx: ActionContext, id: string, reason: string): Promise<void> {
    await turn(ctx, id, "reopened", { outcome: null, reason })
}
