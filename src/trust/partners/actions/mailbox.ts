/**
 * Mail to a partner's own address: a lead asks for a code, it is sent there, and whoever enters it has read it.
 *
 * An attempt is written first and sent once its row is held. Mail that keeps coming back is noted, and asks for a proof.
 */
import { refuse } from "../../../lib/refusal.ts"
import { dayMs } from "../../../lib/instant.ts"
import { wasRejected } from "../../../platform/mail.ts"
import type { Doors } from "../../../platform/doors.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import type { Chore } from "../../../platform/worker.ts"
import { type Act, record } from "../../audit/actions.ts"
import { codeBytes, codeFrom, codeGoodMs, codeTyped, codesADayMax, mailWords } from "../mailbox.ts"
import * as duesStore from "../store/dues.ts"
import * as store from "../store/mails.ts"
import { lockPartner } from "../store/partners.ts"
import { partnerName } from "./facts.ts"
import { mustBeLead } from "./roster.ts"

interface Letter {
    readonly to: string
    /** Null where none goes with it. */
    readonly code: string | null
}

const triesMax = 8
const delayMs = 30_000

/** Sends a new code to the partner's own address; one that was sent before is good no more. */
export async function askCode(act: Act): Promise<void> {
    const { partner } = mustBeLead(act)
    await lockPartner(act.tx, partner)
    const realNow = act.doors.realNow()
    if (!((await store.countCodes(act.tx, partner, realNow - dayMs)) < codesADayMax)) {
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
    if (row === undefined || (await open(act, row)).code !== code) {
        refuse("conflict", "mailbox.wrong_code", "that is not the code that was sent last, or it is too old")
    }
    await store.endCodes(act.tx, partner, realNow)
    await noteProof(act, partner)
}

/** The partner's mailbox is known to be read, from now on for as long as the rules say. */
export async function noteProof(act: Act, partner: string): Promise<void> {
    await duesStore.insertMark(act.tx, { partner, person: null, kind: "proved" }, act.now)
    await record(act, { kind: "mailbox.proved", partner })
}

/**
 * Mail to a partner comes back: to one of its persons, or to its own address (null). For whoever sends mail, and for
 * persons who read what came back.
 */
export async function noteBounce(act: Act, partner: string, person: string | null): Promise<void> {
    await duesStore.insertMark(act.tx, { partner, person, kind: "bounced" }, act.now)
    await record(act, { kind: "mailbox.bounced", partner, person })
}

/** Writes the attempt; it is sent after this transaction. */
export async function post(act: Act, partner: string, kind: "code" | "answered", letter: Letter): Promise<void> {
    const id = act.doors.newId()
    const box = await seal(act.tx, act.doors.keys, `partner:${partner}`, placeOf(id), JSON.stringify(letter))
    await store.insertMail(act.tx, { id, partner, kind, mail_box: box }, act.doors.realNow())
}

/** Sends what is due, one at a time. */
export const posting: Chore = { name: "posting", run: sendNext }

async function sendNext(doors: Doors): Promise<boolean> {
    return await doors.db.transaction(async (tx) => {
        const realNow = doors.realNow()
        const row = await store.takeDueMail(tx, realNow)
        if (!row) return false
        const act: Act = { tx, now: await doors.clock.now(tx), doors, actor: { kind: "system", step: "posting" } }
        const outcome = await attempt(act, row)
        const state = outcome === "sent" ? "sent" : row.tries + 1 < triesMax ? "due" : "failed"
        await store.setMail(tx, row.id, state, realNow + delayMs * 2 ** row.tries)
        // An applicant's address that does not take mail is no partner's that has stopped to.
        if (state === "failed" && outcome === "rejected" && row.kind === "code")
            await noteBounce(act, row.partner, null)
        return true
    })
}

async function attempt(act: Act, row: store.MailRow): Promise<"sent" | "again" | "rejected"> {
    const { to, code } = await open(act, row)
    const { subject, text } = mailWords[row.kind]
    try {
        await act.doors.mail.send({ to, subject, text: text(code ?? ""), messageId: `<${row.id}@tocsin>` })
        return "sent"
    } catch (error) {
        act.doors.log.warn("mail failed", { id: row.id })
        return wasRejected(error) ? "rejected" : "again"
    }
}

async function open(act: Act, row: store.MailRow): Promise<Letter> {
    const text = await unseal(act.tx, act.doors.keys, `partner:${row.partner}`, placeOf(row.id), row.mail_box)
    return JSON.parse(text) as Letter
}

const placeOf = (id: string): string => `partner_mails.mail:${id}`
