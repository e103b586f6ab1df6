/**
 * Records bounces of mail to staff and shows them to managers. Bounces of mail about confidential matters alone are
 * hidden, because they would reveal the matter.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { noteReturned } from "../../../share/delivery/notices/actions/record-bounce.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { mailBehind } from "../../../trust/mail/actions/receive-bounce.ts"
import { type Fate, returnDays } from "../../../trust/mail/bounce.ts"
import { failingDays } from "../../../trust/partners/roster/actions/verify-mailbox.ts"
import * as store from "../store.ts"
import { lastRun } from "../task.ts"

/** Records a bounce by the token of any of our mails. Refuses `delivery.mail_not_found`. */
export async function noteAnyReturned(ctx: ActionContext, token: string, fate: Fate): Promise<void> {
    const mail = mailBehind(ctx.services.keys, token)
    const person = mail === null ? undefined : await store.toldOfLate(ctx.tx, mail, ctx.now - returnDays * dayMs)
    if (mail === null || person === undefined) return await noteReturned(ctx, token, fate)
    if (fate === "failed") await noteFailed(ctx, mail, person)
}

/** Records once that an address rejects mail, at once or later. */
export async function noteFailed(ctx: ActionContext, notice: string, person: string): Promise<void> {
    if (!(await store.setReturned(ctx.tx, notice, ctx.now))) return
    await record(ctx, { kind: "task.delivery_failed", notice, person }, true)
}

export interface Failing {
    readonly person: string
    /** The first bounce of the current series. */
    readonly since: Instant
}

/** Lists staff with bouncing mail, until a fortnight after the last bounce. */
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
