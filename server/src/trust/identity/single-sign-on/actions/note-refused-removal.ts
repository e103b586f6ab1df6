/** Notes that an identity provider could not remove a person, so that admins see it. */
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import * as store from "../store.ts"

/** Notes a refusal once, until the person leaves or the provider keeps the person. */
export async function noteRefusedRemoval(ctx: ActionContext, person: string, provider: string): Promise<void> {
    if (!(await store.insertRefusedRemoval(ctx.tx, { person, provider, since: ctx.now }))) return
    await record(ctx, { kind: "person.removal_refused", person, provider })
}

/** The provider says that the account is active again. */
export async function forgetRefusedRemoval(ctx: ActionContext, person: string, provider: string): Promise<void> {
    await store.deleteRefusedRemoval(ctx.tx, person, provider)
}

export async function listRefusedRemovals({ tx }: ActionContext): Promise<store.RefusedRemoval[]> {
    return await store.listRefusedRemovals(tx)
}
