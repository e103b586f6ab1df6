/** Tells how much each channel is used. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store/deliveries.ts"

export type { ChannelUse } from "../store/deliveries.ts"

/** Lists the partners that fetched by each channel since an instant, with the last delivery. */
export async function listChannelUse({ tx }: ActionContext, since: Instant): Promise<store.ChannelUse[]> {
    return await store.listChannelUse(tx, since)
}
