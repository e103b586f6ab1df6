/** How well partners acknowledge what they fetch: one of the things by which they qualify for a tier. */
import { dayMs } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

/** Copies fetched within a year count, once the partner had a week to acknowledge them. */
const countedMs = 365 * dayMs
const timeToAnswerMs = 7 * dayMs

/** Of a hundred copies that a partner fetched, how many it acknowledged; whoever fetched none is left out. */
export async function percentAcknowledged(ctx: ActionContext): Promise<ReadonlyMap<string, number>> {
    const shares = await store.listAcknowledgedShares(ctx.tx, ctx.now - countedMs, ctx.now - timeToAnswerMs)
    return new Map(shares.map(({ partner, percent }) => [partner, percent]))
}
