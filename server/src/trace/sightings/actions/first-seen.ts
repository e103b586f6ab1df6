/** When exploitation was first seen, by the reports that stand. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/sightings.ts"

/** Of each report its latest version counts, where it was not withdrawn and is no zero report; null where none is left. */
export async function firstSeenAt(ctx: ActionContext, caseId: string): Promise<Instant | null> {
    return await store.findFirstSeen(ctx.tx, caseId)
}

/** The ids of the versions that say so. */
export async function seenReports(ctx: ActionContext, caseId: string): Promise<string[]> {
    return await store.seenIds(ctx.tx, caseId)
}
