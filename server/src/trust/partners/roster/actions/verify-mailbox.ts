/**
 * Verifies a partner's mailbox: a lead requests a code, the code is mailed, and entering it proves that the mailbox is
 * read.
 *
 * Repeated bounces are noted and require a new proof. After several, nothing more is sent there until then.
 */
import { refuse } from "@tocsin/base/refusal"
import { dayMs } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { issueCredential, personById } from "../../../identity/actions.ts"
import { sending } from "../../../mail/actions/send-mail.ts"
import { tokenFor } from "../../../mail/actions/receive-bounce.ts"
import { bouncesMax } from "../../../mail/message.ts"
import { returnDays } from "../../../mail/bounce.ts"
import { codeBytes, codeFrom, codeGoodMs, codeTyped, codesADayMax, mailWords } from "../mailbox.ts"
import * as duesStore from "../../requirements/store/requirements.ts"
import * as store from "../store/mails.ts"
import { lockPartner } from "../../store/partners.ts"
import { partnerName } from "../../actions/load-facts.ts"
import { writtenFor } from "../../keys/actions/manage-mail-keys.ts"
import { letterOf, post } from "./send-sign-in-link.ts"
import { assertLead } from "./manage-roster.ts"

/** Sends a new code to the partner's own address. Earlier codes end. Refuses `mailbox.too_many_codes`. */
export async function askCode(ctx: ActionContext): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const realNow = ctx.services.realNow()
    if (!((await store.countMails(ctx.tx, partner, "code", realNow - dayMs)) < codesADayMax)) {
        refuse(
            "conflict",
            "mailbox.too_many_codes",
            `the limit of \`${codesADayMax}\` codes a day is reached: try again tomorrow`,
        )
    }
    await store.endCodes(ctx.tx, partner, realNow)
    const { mail } = await partnerName(ctx, partner)
    await post(ctx, partner, "code", { to: mail, code: codeFrom(ctx.services.random(codeBytes)) })
    await record(ctx, { kind: "mailbox.code_sent", partner })
}

/** Checks the code and records the mailbox proof. Refuses `mailbox.wrong_code`. */
export async function enterCode(ctx: ActionContext, typed: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const code = codeTyped(typed)
    await lockPartner(ctx.tx, partner)
    const realNow = ctx.services.realNow()
    const row = await store.lockCode(ctx.tx, partner, realNow - codeGoodMs)
    if (row === undefined || (await letterOf(ctx, row)).code !== code) {
        refuse(
            "conflict",
            "mailbox.wrong_code",
            "this is not the last code, or the code has expired: request a new code",
        )
    }
    await store.endCodes(ctx.tx, partner, realNow)
    await noteProof(ctx, partner)
}

/** Records that the mailbox is read, valid for as long as the rules say. */
export async function noteProof(ctx: ActionContext, partner: string): Promise<void> {
    await duesStore.insertMark(ctx.tx, { partner, person: null, kind: "verified" }, ctx.now)
    await record(ctx, { kind: "mailbox.verified", partner })
}

/** Notes a bounce of mail to a person of the partner, or to its own address (null). */
export async function noteBounce(ctx: ActionContext, partner: string, person: string | null): Promise<void> {
    await duesStore.insertMark(ctx.tx, { partner, person, kind: "bounced" }, ctx.now)
    await record(ctx, { kind: "mailbox.bounced", partner, person })
}

/**
 * Finds the recipient of a recent code, answer or sign-in link. `person` is null for a partner's or applicant's own
 * address. Null where there is no such mail.
 */
export async function recipientOf(
    ctx: ActionContext,
    mail: string,
): Promise<{ readonly partner: string; readonly person: string | null } | null> {
    const row = await store.findRecentMail(ctx.tx, mail, ctx.services.realNow() - returnDays * dayMs)
    return row ? { partner: row.partner, person: (await letterOf(ctx, row)).person ?? null } : null
}

/**
 * Notes a later bounce that was reported with the mail's token. Staff see it; nothing else follows, because a reporter
 * can make it up.
 */
export async function noteReturn(ctx: ActionContext, returnedMail: store.ReturnedMail): Promise<void> {
    if (await store.insertReturn(ctx.tx, returnedMail, ctx.now))
        await record(ctx, { kind: "mailbox.delivery_failed", ...returnedMail })
}

/** Lists bounces by address and fate since the last mailbox proof. */
export async function returnedOf(ctx: ActionContext, partner: string): Promise<store.Returned[]> {
    return await store.listReturned(ctx.tx, partner, (await duesStore.findLastProof(ctx.tx, partner)) ?? 0)
}

/** Deletes reported bounces once their mails are too old to be reported again. */
export async function forgetReturns(ctx: ActionContext): Promise<void> {
    await store.forgetReturns(ctx.tx, ctx.now - returnDays * dayMs)
}

/** Days for which a reported bounce stays a task; a false report must not stay open. */
export const failingDays = 14

/** Lists partners with bounces that are neither marked nor followed by a mailbox proof. */
export async function failingPartners(ctx: ActionContext): Promise<store.Failing[]> {
    return await store.failing(ctx.tx, ctx.now - failingDays * dayMs)
}

export interface Bouncing extends duesStore.Bouncing {
    /** Nothing more is sent there except codes, which prove the mailbox. */
    readonly givenUp: boolean
}

/** Lists the partner's addresses that bounced since the last mailbox proof. */
export async function bouncingOf(ctx: ActionContext, partner: string): Promise<Bouncing[]> {
    const rows = await duesStore.bouncing(ctx.tx, partner)
    return rows.map((row) => ({ ...row, givenUp: row.person !== null && row.times >= bouncesMax }))
}

export async function isGivenUp(ctx: ActionContext, partner: string, person: string): Promise<boolean> {
    return (await bouncingOf(ctx, partner)).some((bouncing) => bouncing.person === person && bouncing.givenUp)
}

/** Sends due mails. */
export const sendMailsJob = sending<store.MailRow>({
    name: "posting",
    waiting: store.mailsWaiting,
    take: ({ tx }, realNow) => store.claimDueMail(tx, realNow),
    receiver: async (ctx, row) => {
        const { to, person } = await letterOf(ctx, row)
        return person !== undefined && !(await isHere(ctx, person)) ? "dropped" : { to }
    },
    letter: async (ctx, row, to) => {
        const { subject, text } = mailWords[row.kind]
        const { code, person } = await letterOf(ctx, row)
        const content = person === undefined ? (code ?? "") : await freshLink(ctx, person)
        const input = { to, subject, text: text(content), id: row.id }
        return await writtenFor(ctx, row.partner, { ...input, token: tokenFor(ctx.services.keys, row.id) })
    },
    hold: ({ tx }, { id }, until) => store.holdMail(tx, id, until),
    isHeld: ({ tx }, { id }, until) => store.lockHeldMail(tx, id, until),
    settle: async (ctx, row, { state, nextAt }) => {
        const isOver = state !== "due" && state !== "sent"
        await store.setMail(ctx.tx, row.id, isOver ? "failed" : state, nextAt)
        if (state !== "bounced") return
        // A bounce of an applicant's address is only shown: the applicant is not a partner yet.
        if (row.kind === "code") return await noteBounce(ctx, row.partner, null)
        const { person } = await letterOf(ctx, row)
        if (person !== undefined) return await noteBounce(ctx, row.partner, person)
        await noteReturn(ctx, { mail: row.id, fate: "failed", partner: row.partner, person: null })
    },
})

async function isHere(ctx: ActionContext, person: string): Promise<boolean> {
    return (await personById(ctx, person))?.leftAt === null
}

/** Makes a new link for each attempt, so that the secret of an unsent mail exists nowhere. */
async function freshLink(ctx: ActionContext, person: string): Promise<string> {
    return `${ctx.services.portalOrigin}/sign-in#${await issueCredential(ctx, person, "link")}`
}
