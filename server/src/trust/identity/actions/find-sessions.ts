/** Who was on a partner's roster from when until when: ids and dates alone, no names unsealed. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

export type RosterStay = store.RosterStay

/** Of one partner (null: of all), those who have left too, in the order in which they joined. */
export async function rosterStays(ctx: ActionContext, partner: string | null): Promise<RosterStay[]> {
    return await store.listRosterStays(ctx.tx, partner)
}
