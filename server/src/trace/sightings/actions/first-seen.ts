/** Finds when exploitation was first observed, by the reports that count. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/sightings.ts"

/**
 * Uses the latest version of each report, without withdrawn reports and zero reports. Returns null where none is left.
 */
export async function findFirstExploitation(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    return await store.findFirstExploitation(ctx.tx, caseId)
}

/** Lists the ids of the report versions that count as exploitation. */
export async function listExploitationReports(ctx: ActionContext, caseId: string): Promise<string[]> {
    return await store.listExploitationIds(ctx.tx, caseId)
}
