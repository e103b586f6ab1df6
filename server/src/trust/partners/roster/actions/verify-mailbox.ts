/**
 * Mail to a partner's own address: a lead asks for a code, it is sent there, and whoever enters it has read it.
 *
 * Mail that keeps coming back is noted, and asks for a proof; after some of it nothing more is sent there until then.
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

/** Sends a new code to the partner's own address; one that was sent before is good no more. */
export async function askCode(ctx: ActionContext): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const realNow = ctx.services.realNow()
    if (!((await store.countMails(ctx.tx, partner, "code", realNow - dayMs)) < codesADayMax)) {
        refuse("conflict", "mailbox.too_many_codes", `\`${codesADayMax}\` codes a day are sent at most`)
    }
    await store.endCodes(ctx.tx, partner, realNow)
    const { mail } = await partnerName(ctx, partner)
    await post(ctx, partner, "code", { to: mail, code: codeFrom(ctx.services.random(codeBytes)) })
    await record(ctx, { kind: "mailbox.code_sent", partner })
}

/** Whoever has read the code proves that the mailbox is read. */
export async function enterCode(ctx: ActionContext, typed: string): Promise<void> {
    const { partner } = assertLead(ctx)
    const code = codeTyped(typed)
    await lockPartner(ctx.tx, partner)
    const realNow = ctx.services.realNow()
    const row = await store.lockCode(ctx.tx, partner, realNow - codeGoodMs)
    if (row === undefined || (await letterOf(ctx, row)).code !== code) {
        refuse("conflict", "mailbox.wrong_code", "that is not the code that was sent last, or it is too old")
    }
    await store.endCodes(ctx.tx, partner, realNow)
    await noteProof(ctx, partner)
}

/** The partner's mailbox is known to be read, from now on for as long as the rules say. */
export async function noteProof(ctx: ActionContext, partner: string): Promise<void> {
    await duesStore.insertMark(ctx.tx, { partner, person: null, kind: "proved" }, ctx.now)
    await record(ctx, { kind: "mailbox.verified", partner })
}

/**
 * Mail to a partner comes back: to one of its persons, or to its own address (null). For whoever sends mail, and for
 * persons who read what came back.
 */
export async function noteBounce(ctx: ActionContext, partner: string, person: string | null): Promise<void> {
    await duesStore.insertMark(ctx.tx, { partner, person, kind: "bounced" }, ctx.now)
    await record(ctx, { kind: "mailbox.bounced", partner, person })
}

/**
 * The recipient of a recent code, answer or sign-in link. `person` is null for the address of a partner or an applicant. Null where
 * there is no such mail.
 */
export async function recipientOf(
    ctx: ActionContext,
    mail: string,
): Promise<{ readonly partner: string; readonly person: string | null } | null> {
    const row = await store.findRecentMail(ctx.tx, mail, ctx.services.realNow() - returnDays * dayMs)
    return row ? { partner: row.partner, person: (await letterOf(ctx, row)).person ?? null } : null
}

/** A mail to a partner was taken, and somebody who has its token says that it came back. No more follows than that staff sees it. */
export async function noteReturn(ctx: ActionContext, returnedMail: store.ReturnedMail): Promise<void> {
    if (await store.insertReturn(ctx.tx, returnedMail, ctx.now))
        await record(ctx, { kind: "mailbox.delivery_failed", ...returnedMail })
}

/** What came back, by address and fate, since the mailbox was last proved to be read. */
export async function returnedOf(ctx: ActionContext, partner: string): Promise<store.Returned[]> {
    return await store.listReturned(ctx.tx, partner, (await duesStore.findLastProof(ctx.tx, partner)) ?? 0)
}

/** For as long as somebody may say it again, and no longer. */
export async function forgetReturns(ctx: ActionContext): Promise<void> {
    await store.forgetReturns(ctx.tx, ctx.now - returnDays * dayMs)
}

/** A person may look into it for so long; one that was made up is not to wait for ever. */
export const failingDays = 14

/** Partners to whom mail came back, until it is noted as such or the mailbox is proved to be read. */
export async function failingPartners(ctx: ActionContext): Promise<store.Failing[]> {
    return await store.failing(ctx.tx, ctx.now - failingDays * dayMs)
}

export interface Bouncing extends duesStore.Bouncing {
    /** Nothing more is sent there. Codes always are: by them it is proved to be read. */
    readonly givenUp: boolean
}

/** The addresses of this partner that mail came back from since its mailbox was last proved to be read. */
export async function bouncingOf(ctx: ActionContext, partner: string): Promise<Bouncing[]> {
    const rows = await duesStore.bouncing(ctx.tx, partner)
    return rows.map((row) => ({ ...row, givenUp: row.person !== null && row.times >= bouncesMax }))
}

export async function isGivenUp(ctx: ActionContext, partner: string, person: string): Promise<boolean> {
    return (await bouncingOf(ctx, partner)).some((bouncing) => bouncing.person === person && bouncing.givenUp)
}

/** Sends what is due. */
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
        // An applicant's address that does not take mail is no partner's that has stopped to: it is shown, and no more.
        if (row.kind === "code") return await noteBounce(ctx, row.partner, null)
        const { person } = await letterOf(ctx, row)
        if (person !== undefined) return await noteBounce(ctx, row.partner, person)
        await noteReturn(ctx, { mail: row.id, fate: "failed", partner: row.partner, person: null })
    },
})

async function isHere(ctx: ActionContext, person: string): Promise<boolean> {
    return (await personById(ctx, person))?.leftAt === null
}

/** Made for each try: the secret of a mail that did not go out is nowhere. */
async function freshLink(ctx: ActionContext, person: string): Promise<string> {
    return `${ctx.services.portalOrigin}/sign-in#${await issueCredential(ctx, person, "link")}`
}
