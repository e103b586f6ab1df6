/**
 * Mail to a partner's own address: a lead asks for a code, it is sent there, and whoever enters it has read it.
 *
 * Mail that keeps coming back is noted, and asks for a proof; after some of it nothing more is sent there until then.
 */
import { refuse } from "../../../lib/refusal.ts"
import { dayMs } from "../../../lib/instant.ts"
import { type Act, record } from "../../audit/actions.ts"
import { issueCredential, personById } from "../../identity/actions.ts"
import { sending } from "../../mailing/actions/sending.ts"
import { tokenFor } from "../../mailing/actions/returning.ts"
import { bouncesMax } from "../../mailing/mailing.ts"
import { returnDays } from "../../mailing/returned.ts"
import { codeBytes, codeFrom, codeGoodMs, codeTyped, codesADayMax, mailWords } from "../mailbox.ts"
import * as duesStore from "../store/dues.ts"
import * as store from "../store/mails.ts"
import { lockPartner } from "../store/partners.ts"
import { partnerName } from "./facts.ts"
import { writtenFor } from "./mail-keys.ts"
import { letterOf, post } from "./post.ts"
import { mustBeLead } from "./roster.ts"

/** Sends a new code to the partner's own address; one that was sent before is good no more. */
export async function askCode(act: Act): Promise<void> {
    const { partner } = mustBeLead(act)
    await lockPartner(act.tx, partner)
    const realNow = act.doors.realNow()
    if (!((await store.countMails(act.tx, partner, "code", realNow - dayMs)) < codesADayMax)) {
        refuse("conflict", "mailbox.too_many_codes", `\`${codesADayMax}\` codes a day are sent at most`)
    }
    await store.endCodes(act.tx, partner, realNow)
    const { mail } = await partnerName(act, partner)
    await post(act, partner, "code", { to: mail, code: codeFrom(act.doors.random(codeBytes)) })
    await record(act, { kind: "mailbox.code_sent", partner })
}

/** Whoever has read the code proves that the mailbox is read. */
export async function enterCode(act: Act, typed: string): Promise<void> {
    const { partner } = mustBeLead(act)
    const code = codeTyped(typed)
    await lockPartner(act.tx, partner)
    const realNow = act.doors.realNow()
    const row = await store.lockCode(act.tx, partner, realNow - codeGoodMs)
    if (row === undefined || (await letterOf(act, row)).code !== code) {
        refuse("conflict", "mailbox.wrong_code", "that is not the code that was sent last, or it is too old")
    }
    await store.endCodes(act.tx, partner, realNow)
    await noteProof(act, partner)
}

/** The partner's mailbox is known to be read, from now on for as long as the rules say. */
export async function noteProof(act: Act, partner: string): Promise<void> {
    await duesStore.insertMark(act.tx, { partner, person: null, kind: "proved" }, act.now)
    await record(act, { kind: "mailbox.verified", partner })
}

/**
 * Mail to a partner comes back: to one of its persons, or to its own address (null). For whoever sends mail, and for
 * persons who read what came back.
 */
export async function noteBounce(act: Act, partner: string, person: string | null): Promise<void> {
    await duesStore.insertMark(act.tx, { partner, person, kind: "bounced" }, act.now)
    await record(act, { kind: "mailbox.bounced", partner, person })
}

/**
 * The recipient of a recent code, answer or sign-in link. `person` is null for the address of a partner or an applicant. Null where
 * there is no such mail.
 */
export async function recipientOf(
    act: Act,
    mail: string,
): Promise<{ readonly partner: string; readonly person: string | null } | null> {
    const row = await store.recentMail(act.tx, mail, act.doors.realNow() - returnDays * dayMs)
    return row ? { partner: row.partner, person: (await letterOf(act, row)).person ?? null } : null
}

/** A mail to a partner was taken, and somebody who has its token says that it came back. No more follows than that staff sees it. */
export async function noteReturn(act: Act, its: store.ReturnedMail): Promise<void> {
    if (await store.insertReturn(act.tx, its, act.now)) await record(act, { kind: "mailbox.delivery_failed", ...its })
}

/** What came back, by address and fate, since the mailbox was last proved to be read. */
export async function returnedOf(act: Act, partner: string): Promise<store.Returned[]> {
    return await store.returned(act.tx, partner, (await duesStore.lastProof(act.tx, partner)) ?? 0)
}

/** For as long as somebody may say it again, and no longer. */
export async function forgetReturns(act: Act): Promise<void> {
    await store.forgetReturns(act.tx, act.now - returnDays * dayMs)
}

/** A person may look into it for so long; one that was made up is not to wait for ever. */
export const failingDays = 14

/** Partners to whom mail came back, until it is noted as such or the mailbox is proved to be read. */
export async function failingPartners(act: Act): Promise<store.Failing[]> {
    return await store.failing(act.tx, act.now - failingDays * dayMs)
}

export interface Bouncing extends duesStore.Bouncing {
    /** Nothing more is sent there. Codes always are: by them it is proved to be read. */
    readonly givenUp: boolean
}

/** The addresses of this partner that mail came back from since its mailbox was last proved to be read. */
export async function bouncingOf(act: Act, partner: string): Promise<Bouncing[]> {
    const rows = await duesStore.bouncing(act.tx, partner)
    return rows.map((row) => ({ ...row, givenUp: row.person !== null && row.times >= bouncesMax }))
}

export async function isGivenUp(act: Act, partner: string, person: string): Promise<boolean> {
    return (await bouncingOf(act, partner)).some((one) => one.person === person && one.givenUp)
}

/** Sends what is due. */
export const posting = sending<store.MailRow>({
    name: "posting",
    waiting: store.mailsWaiting,
    take: ({ tx }, realNow) => store.takeDueMail(tx, realNow),
    receiver: async (act, row) => {
        const { to, person } = await letterOf(act, row)
        return person !== undefined && !(await isHere(act, person)) ? "dropped" : { to }
    },
    letter: async (act, row, to) => {
        const { subject, text } = mailWords[row.kind]
        const { code, person } = await letterOf(act, row)
        const content = person === undefined ? (code ?? "") : await freshLink(act, person)
        const its = { to, subject, text: text(content), id: row.id }
        return await writtenFor(act, row.partner, { ...its, token: tokenFor(act.doors.keys, row.id) })
    },
    hold: ({ tx }, { id }, until) => store.holdMail(tx, id, until),
    isHeld: ({ tx }, { id }, until) => store.lockHeldMail(tx, id, until),
    settle: async (act, row, { state, nextAt }) => {
        const isOver = state !== "due" && state !== "sent"
        await store.setMail(act.tx, row.id, isOver ? "failed" : state, nextAt)
        if (state !== "bounced") return
        // An applicant's address that does not take mail is no partner's that has stopped to: it is shown, and no more.
        if (row.kind === "code") return await noteBounce(act, row.partner, null)
        const { person } = await letterOf(act, row)
        if (person !== undefined) return await noteBounce(act, row.partner, person)
        await noteReturn(act, { mail: row.id, fate: "failed", partner: row.partner, person: null })
    },
})

async function isHere(act: Act, person: string): Promise<boolean> {
    return (await personById(act, person))?.leftAt === null
}

/** Made for each try: the secret of a mail that did not go out is nowhere. */
async function freshLink(act: Act, person: string): Promise<string> {
    return `${act.doors.portalOrigin}/sign-in#${await issueCredential(act, person, "link")}`
}
