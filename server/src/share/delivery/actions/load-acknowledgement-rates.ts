/** Counts how many fetched copies partners acknowledge. The tier rules use this share. */
import { dayMs } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/deliveries.ts"

/** Copies fetched within a year count, after the partner had a week to acknowledge them. */
const countedPeriodMs = 365 * dayMs
const timeToAnswerMs = 7 * dayMs

/**
 * Returns the percentage of fetched copies that each partner acknowledged. Partners without fetched copies are missing.
 */
export async function loadAcknowledgementRates(ctx: ActionContext): Promise<ReadonlyMap<string, number>> {
    const shares = await store.listAcknowledgedShares(ctx.tx, ctx.now - countedPeriodMs, ctx.now - timeToAnswerMs)
    return new Map(shares.map(({ partner, percent }) => [partner, percent]))
}
