/** The standing that follows from what is open about a partner; whoever calls holds the partner's lock. */
import { voidOvertaken } from "../../../trust/approvals/actions.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Decision, changeStanding, holdsOn } from "../../../trust/partners/actions/change-partner.ts"
import { standingOf } from "../../../trust/partners/actions/load-facts.ts"
import { wideningActs } from "../../../trust/partners/gain.ts"
import { type Measure, standingUnder, suspending } from "../measure.ts"
import { openMeasuresOf } from "./record-measure.ts"

export async function openSuspensions(ctx: ActionContext, partner: string): Promise<Measure[]> {
    return await openMeasuresOf(ctx, suspending, partner)
}

/**
 * What was signed to give back was signed against what was open then: it is void also where another measure leaves the
 * standing as it is.
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

/** After measures that suspend were kept or ended by what two have decided. */
export async function settleStanding(ctx: ActionContext, partner: string, on: Decision): Promise<void> {
    const standing = standingUnder((await openSuspensions(ctx, partner)).map(({ kind }) => kind))
    const wasTerminated = (await standingOf(ctx, partner)) === "terminated"
    if (wasTerminated && standing === "suspended") await changeStanding(ctx, partner, "active", on)
    await moveTo(ctx, partner, standing, on)
}
