/** Changes a partner's status by its open measures. The caller holds the partner's lock. */
import { voidSuperseded } from "../../../trust/approvals/actions/void-approvals.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { type Decision, changePartnerStatus, hasValueFromNow } from "../../../trust/partners/actions/change-partner.ts"
import { loadPartnerStatus } from "../../../trust/partners/actions/load-facts.ts"
import { givingActions } from "../../../trust/partners/approval-effects.ts"
import { type Measure, statusUnder, suspendingKinds } from "../measure.ts"
import { listOpenMeasures } from "./record-measure.ts"

/** Lists the open measures that suspend a partner. */
export async function listOpenSuspensions(ctx: ActionContext, partner: string): Promise<Measure[]> {
    return await listOpenMeasures(ctx, suspendingKinds, partner)
}

/**
 * Sets the status. Voids signed approvals to restore access, even where another measure keeps the status: they were
 * signed for other open measures.
 */
export async function setStatus(
    ctx: ActionContext,
    partner: string,
    status: "active" | "suspended" | "terminated",
    on: Decision,
): Promise<void> {
    const isUnchanged =
        status === "active"
            ? (await loadPartnerStatus(ctx, partner)) === "active"
            : await hasValueFromNow(ctx, partner, { fact: "status", value: status })
    if (!isUnchanged) return await changePartnerStatus(ctx, partner, status, on)
    await voidSuperseded(ctx, givingActions.status, partner)
}

/** Sets the status after two people extended or ended suspending measures. */
export async function updateStatus(ctx: ActionContext, partner: string, on: Decision): Promise<void> {
    const status = statusUnder((await listOpenSuspensions(ctx, partner)).map(({ kind }) => kind))
    const wasTerminated = (await loadPartnerStatus(ctx, partner)) === "terminated"
    if (wasTerminated && status === "suspended") await changePartnerStatus(ctx, partner, "active", on)
    await setStatus(ctx, partner, status, on)
}
