/** Reads queued account mail, for the job that sends it. */
import type { Instant } from "@tocsin/base/instant"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import * as store from "../store.ts"

export type { AccountMailRow } from "../store.ts"
export { mails as accountMails } from "../store.ts"

/** Finds the person of a recent account mail; null where there is none. */
export async function findMailedPerson(ctx: ActionContext, mail: string, since: Instant): Promise<string | null> {
    return (await store.findRecentMail(ctx.tx, mail, since))?.person ?? null
}
