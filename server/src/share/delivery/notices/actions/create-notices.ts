/**
 * Creates and sends notices: mails without content that announce something to fetch. Subject and body are constant, so
 * a notice reveals no case, product or severity.
 *
 * Access is checked again at the moment of sending. Partners suspended meanwhile, or removed from the access list, get
 * no notice. Notices of a frozen wave wait until it is unfrozen.
 */
import type { Instant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { findPerson } from "../../../../trust/identity/actions/load-people.ts"
import { listRosterStays } from "../../../../trust/identity/actions/list-roster-stays.ts"
import { tokenFor } from "../../../../trust/mail/actions/sign-bounce-token.ts"
import { type AttemptResult, createMailJob } from "../../../../trust/mail/actions/send-mail.ts"
import { listPeopleWithAccess } from "../../../../trust/partners/roster/actions/set-access-list.ts"
import { loadPartnerStatus } from "../../../../trust/partners/actions/load-facts.ts"
import { encryptMail } from "../../../../trust/partners/keys/actions/manage-mail-keys.ts"
import { isAddressGivenUp } from "../../../../trust/partners/roster/actions/verify-mailbox.ts"
import { hasCaseAccess } from "../../../../trust/partners/partner.ts"
import { listFrozenWaveIds } from "../../../waves/actions.ts"
import { callPartners } from "../../../webhooks/actions/call-webhooks.ts"
import {
    insertNotice,
    type DueNotice,
    countUndelivered,
    dueNoticesQuery,
    claimDueNotice,
    findNoticeUse,
    setNotice,
} from "../store/notices.ts"
import { countDueNotices, holdNotice, lockHeldNotice } from "../store/notice-holds.ts"

export const noticeSubject = "Notice from your early-warning program"
export const noticeText = [
    "There is something for you to fetch.",
    "",
    "Sign in to the partner portal, or run your client, to see what it is.",
    "This message is always the same and contains nothing else on purpose.",
    "",
].join("\n")

/** The cause of a notice, which the notice does not state: a case, and maybe a wave or a recall. */
export interface NoticeCause {
    readonly case: string
    readonly wave?: string
    readonly recall?: string
}

/**
 * Creates one notice for each person of these partners who may see the case, and calls their webhooks. Null: the notice
 * is about a requirement or about no case.
 */
export async function createNotices(
    ctx: ActionContext,
    about: NoticeCause | null,
    partners: readonly string[],
): Promise<void> {
    const cause = { case: null, wave: null, recall: null, matter: null, ...about }
    for (const partner of partners) {
        for (const person of await listPeopleWithAccess(ctx, partner, cause.case)) {
            const notice = { id: ctx.services.newId(), partner, person, ...cause }
            await insertNotice(ctx.tx, notice, ctx.now, ctx.services.realNow())
        }
    }
    await callPartners(ctx, cause.wave, partners)
}

/** The use of notices that are not confidential since an instant, and the partners that they did not reach. */
export async function loadNoticeUse({ tx }: ActionContext, since: Instant) {
    return { ...(await findNoticeUse(tx, since)), undelivered: await countUndelivered(tx, since) }
}

/** Counts notices that are due and not sent, without confidential ones. */
export async function countUnsentNotices(ctx: ActionContext): Promise<number> {
    return await countDueNotices(ctx.tx)
}

/**
 * Creates one notice for each lead, by mail only: only leads can act on it. `sealed` is the id of a confidential
 * matter; null where there is none.
 */
export async function notifyLeads(ctx: ActionContext, partner: string, matter: string | null = null): Promise<void> {
    const leads = (await listRosterStays(ctx, partner)).filter(({ isLead, until }) => isLead && until === null)
    for (const { person } of leads) {
        const notice = { id: ctx.services.newId(), partner, person, case: null, wave: null, recall: null, matter }
        await insertNotice(ctx.tx, notice, ctx.now, ctx.services.realNow())
    }
}

const eventOf = {
    sent: "notice.sent",
    dropped: "notice.dropped",
    failed: "notice.failed",
    bounced: "notice.failed",
} as const

/** Sends the due notices. */
export const sendNoticesJob = createMailJob<DueNotice>({
    name: "mailing",
    pendingQuery: dueNoticesQuery,
    claim: async (ctx, realNow) => await claimDueNotice(ctx.tx, realNow, await listFrozenWaveIds(ctx)),
    findRecipient: findReceiver,
    compose: (ctx, { id, partner, confidential }, to) => {
        const message = { to, subject: noticeSubject, text: noticeText, id }
        return encryptMail(ctx, partner, { ...message, token: tokenFor(ctx.services.keys, id) }, confidential)
    },
    holdUntil: ({ tx }, { id }, until) => holdNotice(tx, id, until),
    isHeld: ({ tx }, { id }, until) => lockHeldNotice(tx, id, until),
    saveResult: settleNotice,
})

async function findReceiver(ctx: ActionContext, notice: DueNotice): Promise<{ to: string } | "dropped" | "bounced"> {
    const person = await findPerson(ctx, notice.person)
    if (!person || person.leftAt !== null) return "dropped"
    if (!hasCaseAccess(await loadPartnerStatus(ctx, notice.partner))) return "dropped"
    if (!(await listPeopleWithAccess(ctx, notice.partner, notice.case)).includes(notice.person)) return "dropped"
    return (await isAddressGivenUp(ctx, notice.partner, notice.person)) ? "bounced" : { to: person.mail }
}

async function settleNotice(
    ctx: ActionContext,
    notice: DueNotice,
    { state, isAttempted: tried, nextAt }: AttemptResult,
): Promise<void> {
    const { id, partner, person, wave, recall, confidential } = notice
    await setNotice(ctx.tx, id, state, { sentAt: state === "sent" ? ctx.now : null, nextAt })
    if (state === "due") return
    const failed = { person, rejected: state === "bounced" && tried, ...(confidential && { confidential }) }
    const failure = state === "sent" || state === "dropped" ? {} : failed
    const event = { notice: id, partner, wave, ...(recall && { recall }), ...failure }
    await record(ctx, { kind: eventOf[state], ...event }, confidential)
}
