/**
 * Records mail to a partner that came back, at the address. Unlike a server's bounce, it stops no mail and makes
 * nothing overdue.
 *
 * Returned mail about a confidential matter is stored separately, visible to those who know the matter. At the address
 * it would reveal that a mail was sent.
 */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { mailBehind } from "../../../../trust/mail/actions/receive-bounce.ts"
import { type Fate, returnDays } from "../../../../trust/mail/bounce.ts"
import { noteReturn, recipientOf } from "../../../../trust/partners/roster/actions/verify-mailbox.ts"
import { countUnreached, findNoticeOfLate, setReturned } from "../store/sent-mail.ts"

/**
 * Records a returned mail, once for each mail and fate. Refuses `delivery.mail_not_found` for a missing or old token.
 */
export async function noteReturned(ctx: ActionContext, token: string, fate: Fate): Promise<void> {
    const mail = mailBehind(ctx.services.keys, token)
    const notice = mail === null ? undefined : await findNoticeOfLate(ctx.tx, mail, ctx.now - returnDays * dayMs)
    const recipient = notice ?? (mail === null ? null : await recipientOf(ctx, mail))
    if (mail === null || recipient === null) {
        return refuse("missing", "delivery.mail_not_found", "no recent mail has this token: check the return address")
    }
    const returned = { mail, fate, partner: recipient.partner, person: recipient.person }
    if (notice?.sealed !== true) return await noteReturn(ctx, returned)
    if (await setReturned(ctx.tx, mail, fate)) await record(ctx, { kind: "mailbox.delivery_failed", ...returned }, true)
}

/** Counts the persons that mail about a confidential matter did not reach, as far as servers report it. */
export async function unreachedBy(ctx: ActionContext, about: string): Promise<number> {
    return await countUnreached(ctx.tx, about)
}
