/** Deletes the attributions of evidence that two people delete. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"
import { listAttributions } from "./load-attributions.ts"
import { type VersionId, forgetReadings } from "./save-budgets.ts"

/** Deletes the attributions of one piece of evidence. The budgets forget its readings, and keep what was spent. */
export async function deleteAttributions(ctx: ActionContext, evidence: string): Promise<void> {
    await forgetReadings(ctx, await listVersionsRead(ctx, evidence))
    await store.deleteAttributions(ctx.tx, evidence)
}

/** Lists the versions whose budgets include readings of this evidence. */
async function listVersionsRead(ctx: ActionContext, evidence: string): Promise<VersionId[]> {
    const attributions = await listAttributions(ctx, evidence)
    const tested = attributions.flatMap(({ result: { best, others } }) => [...(best === null ? [] : [best]), ...others])
    return tested.filter(({ spending }) => spending !== undefined)
}
