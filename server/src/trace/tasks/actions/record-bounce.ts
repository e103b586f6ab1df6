/**
 * Mail to a person of the operator that came back, at once or later: whoever keeps persons and partners sees that it does.
 *
 * Of a mail that told of sealed matters alone nobody is told, for who sees that there was one learns of the matter.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { noteReturned } from "../../../share/delivery/notices/actions/record-bounce.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { mailBehind } from "../../../trust/mail/actions/receive-bounce.ts"
import { type Fate, returnDays } from "../../../trust/mail/bounce.ts"
import { failingDays } from "../../../trust/partners/roster/actions/verify-mailbox.ts"
import * as store from "../store.ts"
import { lastRun } from "../task.ts"

/** Of whatever mail of ours the token is. Throws `delivery.mail_not_found` where it is of none. */
export async function noteAnyReturned(ctx: ActionContext, token: string, fate: Fate): Promise<void> {
    const mail = mailBehind(ctx.services.keys, token)
    const person = mail === null ? undefined : await store.toldOfLate(ctx.tx, mail, ctx.now - returnDays * dayMs)
    if (mail === null || person === undefined) return await noteReturned(ctx, token, fate)
    if (fate === "failed") await noteFailed(ctx, mail, person)
}

/** The address takes nothing, by what a server said when it was asked, or later. Once a mail. */
export async function noteFailed(ctx: ActionContext, notice: string, person: string): Promise<void> {
    if (!(await store.setReturned(ctx.tx, notice, ctx.now))) return
    await record(ctx, { kind: "task.delivery_failed", notice, person }, true)
}

export interface Failing {
    readonly person: string
    /** The first of those that came back with no fortnight between them. */
    readonly since: Instant
}

/** Persons of the operator from whom mail comes back, until a fortnight after the last of it. */
export async function failingColleagues(ctx: ActionContext): Promise<Failing[]> {
    const gapMs = failingDays * dayMs
    const returns = Map.groupBy(await store.listReturns(ctx.tx), ({ person }) => person)
    return [...returns].flatMap(([person, rows]) => {
        const run = lastRun(
            rows.map(({ at }) => at),
            gapMs,
        )
        return run !== null && ctx.now - run.until < gapMs ? [{ person, since: run.since }] : []
    })
}
