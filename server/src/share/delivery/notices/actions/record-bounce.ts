/**
 * Mail to a partner that came back: noted beside the address. It ends no mail, owes nothing, and is no bounce that a server told us.
 *
 * What is about something sealed is noted apart, for those who know of that alone: beside the address it would tell that there
 * was a mail of which the record has nothing.
 */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { mailBehind } from "../../../../trust/mail/actions/receive-bounce.ts"
import { type Fate, returnDays } from "../../../../trust/mail/bounce.ts"
import { noteReturn, recipientOf } from "../../../../trust/partners/roster/actions/verify-mailbox.ts"
import { countUnreached, findNoticeOfLate, setReturned } from "../store/sent-mail.ts"

/** Once a mail and fate, however often it is said. To whoever has no token, or an old one, there is no such mail. */
export async function noteReturned(ctx: ActionContext, token: string, fate: Fate): Promise<void> {
    const mail = mailBehind(ctx.services.keys, token)
    const notice = mail === null ? undefined : await findNoticeOfLate(ctx.tx, mail, ctx.now - returnDays * dayMs)
    const recipient = notice ?? (mail === null ? null : await recipientOf(ctx, mail))
    if (mail === null || recipient === null) {
        return refuse("missing", "delivery.mail_not_found", "no mail was sent from this address of late")
    }
    const returned = { mail, fate, partner: recipient.partner, person: recipient.person }
    if (notice?.sealed !== true) return await noteReturn(ctx, returned)
    if (await setReturned(ctx.tx, mail, fate)) await record(ctx, { kind: "mailbox.delivery_failed", ...returned }, true)
}

/** How many persons mail about something sealed did not reach, for all that servers say: for whoever may know of it. */
export async function unreachedBy(ctx: ActionContext, about: string): Promise<number> {
    return await countUnreached(ctx.tx, about)
}
