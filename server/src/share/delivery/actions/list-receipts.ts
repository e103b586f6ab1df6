/** Lists what was fetched and acknowledged, in order. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { filterVisible } from "../../../trust/partners/roster/actions/set-access-list.ts"
import * as store from "../store/deliveries.ts"

export interface Receipts {
    readonly fetched: readonly store.Delivery[]
    readonly acknowledged: readonly store.Acknowledgement[]
}

/** Lists deliveries of the cases that the actor may see. `null` leaves a filter out; `before` is exclusive. */
export async function listReceipts(
    ctx: ActionContext,
    filter: { readonly partner: string | null; readonly case: string | null; readonly before: Instant | null },
): Promise<Receipts> {
    return {
        fetched: await filterVisible(ctx, await store.listDeliveries(ctx.tx, filter)),
        acknowledged: await filterVisible(ctx, await store.listAcknowledgements(ctx.tx, filter)),
    }
}
