/** Changes a partner's status by its open measures. The caller holds the partner's lock. */
import { voidOvertaken } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Decision, changeStanding, holdsOn } from "../../../trust/partners/actions/change-partner.ts"
import { standingOf } from "../../../trust/partners/actions/load-facts.ts"
import { wideningActs } from "../../../trust/partners/gain.ts"
import { type Measure, standingUnder, suspending } from "../measure.ts"
import { openMeasuresOf } from "./record-measure.ts"

/** Lists the open measures that suspend a partner. */
export async function openSuspensions(ctx: ActionContext, partner: string): Promise<Measure[]> {
    return await openMeasuresOf(ctx, suspending, partner)
}

/**
 * Sets the status. Voids signed approvals to restore access, even where another measure keeps the status: they were
 * signed for other open measures.
 */
export async function moveTo(
    ctx: ActionContext,
    partner: string,
    standing: "active" | "suspended" | "terminated",
    on: Decision,
): Promise<void> {
    const holds =
        standing === "active"
            ? (await standingOf(ctx, partner)) === "active"
            : await holdsOn(ctx, partner, { fact: "standing", value: standing })
    if (!holds) return await changeStanding(ctx, partner, standing, on)
    await voidOvertaken(ctx, wideningActs.standing, partner)
}

/** Sets the status after two people extended or ended suspending measures. */
export async function settleStanding(ctx: ActionContext, partner: string, on: Decision): Promise<void> {
    const standing = standingUnder((await openSuspensions(ctx, partner)).map(({ kind }) => kind))
    const wasTerminated = (await standingOf(ctx, partner)) === "terminated"
    if (wasTerminated && standing === "suspended") await changeStanding(ctx, partner, "active", on)
    await moveTo(ctx, partner, standing, on)
}
