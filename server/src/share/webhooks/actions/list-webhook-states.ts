/** Tells the operator which webhooks work. */
import type { ActionContext } from "../../../kernel/action-context.ts"
import * as store from "../store.ts"

/** Lists the state of every partner's webhooks, without address and secrets. */
export async function listWebhookStates({ tx }: ActionContext): Promise<store.WebhookState[]> {
    return await store.listWebhookStates(tx)
}
