/** Who led which partner from when until when: dates alone, no names unsealed. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

export type LeadSpan = store.LeadSpan

/** Of one partner's leads, or of every partner's, those who have left too. */
export async function leadSpans(ctx: ActionContext, partner: string | null): Promise<LeadSpan[]> {
    return await store.leadSpans(ctx.tx, partner)
}
