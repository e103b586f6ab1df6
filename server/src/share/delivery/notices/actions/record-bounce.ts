/**
 * Records mail to a partner that came back, at the address. Unlike a server's bounce, it stops no mail and makes
 * nothing overdue. A returned link of a staff member is shown as failed.
 *
 * Returned mail about a confidential matter is stored separately, visible to those who know the matter. At the address
 * it would reveal that a mail was sent.
 */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { recordReturnedStaffMail } from "../../../../trust/identity/account-mail/actions/send-sign-in-link.ts"
import { mailIdIn } from "../../../../trust/mail/actions/sign-bounce-token.ts"
import { type BounceOutcome, bounceDays } from "../../../../trust/mail/bounce.ts"
import { recordReportedBounce, findMailRecipient } from "../../../../trust/partners/roster/actions/verify-mailbox.ts"
import { countUnreachedRecipients, findRecentNotice, setReturned } from "../store/sent-mail.ts"

/**
 * Records a returned mail, once for each mail and fate. Refuses `delivery.mail_not_found` for a missing or old token.
 */
export async function recordReturnedMail(ctx: ActionContext, token: string, outcome: BounceOutcome): Promise<void> {
    const mail = mailIdIn(ctx.services.keys, token)
    const since = ctx.services.realNow() - bounceDays * dayMs
    if (mail !== null && (await recordReturnedStaffMail(ctx, { mail, outcome, since }))) return
    const notice = mail === null ? undefined : await findRecentNotice(ctx.tx, mail, ctx.now - bounceDays * dayMs)
    const recipient = notice ?? (mail === null ? null : await findMailRecipient(ctx, mail))
    if (mail === null || recipient === null) {
        return refuse("missing", "delivery.mail_not_found", "no recent mail has this token: check the return address")
    }
    const returned = { mail, outcome, partner: recipient.partner, person: recipient.person }
    if (notice?.confidential !== true) return await recordReportedBounce(ctx, returned)
    if (await setReturned(ctx.tx, mail, outcome))
        await record(ctx, { kind: "mailbox.delivery_failed", ...returned }, true)
}

/** Counts the persons that mail about a confidential matter did not reach, as far as servers report it. */
export async function countUnreachedPeople(ctx: ActionContext, matter: string): Promise<number> {
    return await countUnreachedRecipients(ctx.tx, matter)
}
