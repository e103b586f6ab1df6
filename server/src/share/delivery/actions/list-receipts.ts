/** What was fetched and acknowledged, in the order in which it happened. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { withinCircle } from "../../../trust/partners/roster/actions/set-access-list.ts"
import * as store from "../store.ts"

export interface Receipts {
    readonly fetched: readonly store.Fetched[]
    readonly acknowledged: readonly store.Acknowledged[]
}

/** `null` leaves a filter out; `before` is half-open. Of cases that whoever acts may see. */
export async function receiptsOf(
    ctx: ActionContext,
    filter: { readonly partner: string | null; readonly case: string | null; readonly before: Instant | null },
): Promise<Receipts> {
    return {
        fetched: await withinCircle(ctx, await store.listDeliveries(ctx.tx, filter)),
        acknowledged: await withinCircle(ctx, await store.listAcknowledgements(ctx.tx, filter)),
    }
}
