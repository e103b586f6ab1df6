/** Lists when which person led which partner: dates only, no names decrypted. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

export type LeadSpan = store.LeadSpan

/** Lists the terms of one partner's leads (null: of all), including leads who left. */
export async function listLeadSpans(ctx: ActionContext, partner: string | null): Promise<LeadSpan[]> {
    return await store.listLeadSpans(ctx.tx, partner)
}
