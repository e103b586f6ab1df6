/** Lists when which person was on a roster: ids and dates only, no names decrypted. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

export type RosterStay = store.RosterStay

/** Lists stays of one partner (null: of all), including people who left, by join date. */
export async function listRosterStays(ctx: ActionContext, partner: string | null): Promise<RosterStay[]> {
    return await store.listRosterStays(ctx.tx, partner)
}
