/** Finds when exploitation was first observed, by the reports that count. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/sightings.ts"

/**
 * Uses the latest version of each report, without withdrawn reports and zero reports. Returns null where none is left.
 */
export async function firstSeenAt(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    return await store.findFirstSeen(ctx.tx, caseId)
}

/** Lists the ids of the report versions that count as exploitation. */
export async function seenReports(ctx: ActionContext, caseId: string): Promise<string[]> {
    return await store.seenIds(ctx.tx, caseId)
}
