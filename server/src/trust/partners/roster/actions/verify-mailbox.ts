/**
 * Verifies a partner's mailbox: a lead requests a code, the code is mailed, and entering it proves that the mailbox is
 * read.
 *
 * Repeated bounces are noted and require a new proof. After several, nothing more is sent there until then.
 */
import { refuse } from "@tocsin/base/refusal"
import { dayMs } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { findPerson } from "../../../identity/actions/load-people.ts"
import { findMailedPerson } from "../../../identity/account-mail/actions/load-mail.ts"
import { createMailJob } from "../../../mail/actions/send-mail.ts"
import { tokenFor } from "../../../mail/actions/sign-bounce-token.ts"
import { bouncesMax } from "../../../mail/message.ts"
import { bounceDays } from "../../../mail/bounce.ts"
import { codeBytes, formatCode, codeValidMs, parseCode, codesPerDayMax, mailTexts } from "../mailbox.ts"
import * as requirementsStore from "../../requirements/store/requirements.ts"
import * as store from "../store/mails.ts"
import { lockPartner } from "../../store/partners.ts"
import { loadNameAndMail } from "../../actions/load-facts.ts"
import { encryptMail } from "../../keys/actions/manage-mail-keys.ts"
import { decryptMail, queuePartnerMail } from "./queue-partner-mail.ts"
import { assertLead } from "./manage-roster.ts"

/** Sends a new code to the partner's own address. Earlier codes end. Refuses `mailbox.too_many_codes`. */
export async function sendCode(ctx: ActionContext): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const realNow = ctx.services.realNow()
    if (!((await store.countMails(ctx.tx, partner, "code", realNow - dayMs)) < codesPerDayMax)) {
        refuse(
            "conflict",
            "mailbox.too_many_codes",
            `the limit of \`${codesPerDayMax}\` codes a day is reached: try again tomorrow`,
            { max: codesPerDayMax },
        )
    }
    await store.endCodes(ctx.tx, partner, realNow)
    const { mail } = await loadNameAndMail(ctx, partner)
    await queuePartnerMail(ctx, partner, "code", { to: mail, code: formatCode(ctx.services.random(codeBytes)) })
    await record(ctx, { kind: "mailbox.code_sent", partner })
}

/** Checks the code and records the mailbox proof. Refuses `mailbox.wrong_code`. */
export async function verifyCode(ctx: ActionContext, typed: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const code = parseCode(typed)
    await lockPartner(ctx.tx, partner)
    const realNow = ctx.services.realNow()
    const row = await store.lockCode(ctx.tx, partner, realNow - codeValidMs)
    if (row === undefined || (await decryptMail(ctx, row)).code !== code) {
        refuse(
            "conflict",
            "mailbox.wrong_code",
            "this is not the last code, or the code has expired: request a new code",
        )
    }
    await store.endCodes(ctx.tx, partner, realNow)
    await recordMailboxProof(ctx, partner)
}

/** Records that the mailbox is read, valid for as long as the rules say. */
export async function recordMailboxProof(ctx: ActionContext, partner: string): Promise<void> {
    await requirementsStore.insertMailboxEvent(ctx.tx, { partner, person: null, kind: "verified" }, ctx.now)
    await record(ctx, { kind: "mailbox.verified", partner })
}

/** Notes a bounce of mail to a person of the partner, or to its own address (null). */
export async function recordBounce(ctx: ActionContext, partner: string, person: string | null): Promise<void> {
    await requirementsStore.insertMailboxEvent(ctx.tx, { partner, person, kind: "bounced" }, ctx.now)
    await record(ctx, { kind: "mailbox.bounced", partner, person })
}

/**
 * Finds the recipient of a recent code, answer or sign-in link. `person` is null for a partner's or applicant's own
 * address. Null where there is no such mail.
 */
export async function findMailRecipient(
    ctx: ActionContext,
    mail: string,
): Promise<{ readonly partner: string; readonly person: string | null } | null> {
    const since = ctx.services.realNow() - bounceDays * dayMs
    const row = await store.findRecentMail(ctx.tx, mail, since)
    if (row) return { partner: row.partner, person: null }
    const person = await findMailedPerson(ctx, mail, since)
    const partner = person === null ? null : ((await findPerson(ctx, person))?.partner ?? null)
    return partner === null ? null : { partner, person }
}

/**
 * Notes a later bounce that was reported with the mail's token. Staff see it; nothing else follows, because a reporter
 * can make it up.
 */
export async function recordReportedBounce(ctx: ActionContext, bounce: store.ReportedBounce): Promise<void> {
    if (await store.insertReportedBounce(ctx.tx, bounce, ctx.now))
        await record(ctx, { kind: "mailbox.delivery_failed", ...bounce })
}

/** Lists bounces by address and outcome since the last mailbox proof. */
export async function listReportedBounces(ctx: ActionContext, partner: string): Promise<store.BounceCount[]> {
    return await store.listReportedBounces(
        ctx.tx,
        partner,
        (await requirementsStore.findLastProof(ctx.tx, partner)) ?? 0,
    )
}

/** Deletes reported bounces once their mails are too old to be reported again. */
export async function deleteOldBounces(ctx: ActionContext): Promise<void> {
    await store.deleteOldBounces(ctx.tx, ctx.now - bounceDays * dayMs)
}

/** Days for which a reported bounce stays a task; a false report must not stay open. */
export const bounceTaskDays = 14

/** Lists partners with bounces that are neither marked nor followed by a mailbox proof. */
export async function listFailingPartners(ctx: ActionContext): Promise<store.FailingPartner[]> {
    return await store.listFailingPartners(ctx.tx, ctx.now - bounceTaskDays * dayMs)
}

export interface BouncingAddress extends requirementsStore.BouncingAddress {
    /** Whether no mail is sent there except codes, which prove the mailbox. */
    readonly isGivenUp: boolean
}

/** Lists the partner's addresses that bounced since the last mailbox proof. */
export async function listBouncingAddresses(ctx: ActionContext, partner: string): Promise<BouncingAddress[]> {
    const rows = await requirementsStore.listBouncingAddresses(ctx.tx, partner)
    return rows.map((row) => ({ ...row, isGivenUp: row.person !== null && row.times >= bouncesMax }))
}

export async function isAddressGivenUp(ctx: ActionContext, partner: string, person: string): Promise<boolean> {
    return (await listBouncingAddresses(ctx, partner)).some((address) => address.person === person && address.isGivenUp)
}

/** Sends due mails. */
export const sendMailsJob = createMailJob<store.MailRow>({
    name: "posting",
    pendingQuery: store.mails.unsentQuery,
    claim: ({ tx }, realNow) => store.mails.claimDue(tx, realNow),
    findRecipient: async (ctx, row) => ({ to: (await decryptMail(ctx, row)).to }),
    compose: async (ctx, row, to) => {
        const { subject, text } = mailTexts[row.kind]
        const { code } = await decryptMail(ctx, row)
        const message = { to, subject, text: text(code ?? ""), id: row.id }
        return await encryptMail(ctx, row.partner, { ...message, token: tokenFor(ctx.services.keys, row.id) })
    },
    holdUntil: ({ tx }, { id }, until) => store.mails.holdUntil(tx, id, until),
    isHeld: ({ tx }, { id }, until) => store.mails.lockHeld(tx, id, until),
    saveResult: async (ctx, row, { state, nextAt }) => {
        const isOver = state !== "due" && state !== "sent"
        await store.mails.saveAttempt(ctx.tx, row.id, isOver ? "failed" : state, nextAt)
        if (state !== "bounced") return
        if (row.kind === "code") return await recordBounce(ctx, row.partner, null)
        // A bounce of an applicant's address is only shown: the applicant is not a partner yet.
        await recordReportedBounce(ctx, { mail: row.id, outcome: "failed", partner: row.partner, person: null })
    },
})
