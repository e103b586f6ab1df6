/**
 * Records bounces of mail to staff and shows them to managers. Bounces of mail about confidential matters alone are
 * hidden, because they would reveal the matter.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { recordReturnedMail } from "../../../share/delivery/notices/actions/record-bounce.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { mailIdIn } from "../../../trust/mail/actions/sign-bounce-token.ts"
import { type BounceOutcome, bounceDays } from "../../../trust/mail/bounce.ts"
import { bounceTaskDays } from "../../../trust/partners/roster/actions/verify-mailbox.ts"
import * as store from "../store.ts"
import { lastSeries } from "../task.ts"

/** Records a bounce by the token of any of our mails. Refuses `delivery.mail_not_found`. */
export async function recordAnyBounce(ctx: ActionContext, token: string, outcome: BounceOutcome): Promise<void> {
    const mail = mailIdIn(ctx.services.keys, token)
    const person =
        mail === null ? undefined : await store.findRecentRecipient(ctx.tx, mail, ctx.now - bounceDays * dayMs)
    if (mail === null || person === undefined) return await recordReturnedMail(ctx, token, outcome)
    if (outcome === "failed") await recordFailedDelivery(ctx, mail, person)
}

/** Records once that an address rejects mail, at once or later. */
export async function recordFailedDelivery(ctx: ActionContext, notice: string, person: string): Promise<void> {
    if (!(await store.setBounced(ctx.tx, notice, ctx.now))) return
    await record(ctx, { kind: "task.delivery_failed", notice, person }, true)
}

export interface BouncingMailbox {
    readonly person: string
    /** The first bounce of the current series. */
    readonly since: Instant
}

/** Lists staff with bouncing mail, until a fortnight after the last bounce. */
export async function listBouncingStaff(ctx: ActionContext): Promise<BouncingMailbox[]> {
    const gapMs = bounceTaskDays * dayMs
    const bounces = Map.groupBy(await store.listBounces(ctx.tx), ({ person }) => person)
    return [...bounces].flatMap(([person, rows]) => {
        const series = lastSeries(
            rows.map(({ at }) => at),
            gapMs,
        )
        return series !== null && ctx.now - series.until < gapMs ? [{ person, since: series.since }] : []
    })
}
