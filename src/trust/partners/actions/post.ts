/**
 * Queues mail that has words of its own: codes, answers to applications, and sign-in links of a partner's persons.
 *
 * A sign-in link goes to the mailbox of its person and is shown to no one else, neither to staff nor to a lead: a reader of the
 * link could act as that person. Its secret is made when the mail is sent, and is stored nowhere.
 */
import { dayMs } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import { endCredentials, mustBeApart, mustBeHere } from "../../identity/actions.ts"
import { linksADayMax } from "../mailbox.ts"
import * as store from "../store/mails.ts"

export interface Letter {
    readonly to: string
    /** Null where none goes with it. */
    readonly code: string | null
    /** Of a link: the person that it signs in. */
    readonly person?: string
}

/** Writes the attempt; it is sent after this transaction. */
export async function post(act: Act, partner: string, kind: store.MailRow["kind"], letter: Letter): Promise<void> {
    const id = act.doors.newId()
    const box = await seal(act.tx, act.doors.keys, `partner:${partner}`, placeOf(id), JSON.stringify(letter))
    await store.insertMail(act.tx, { id, partner, kind, mail_ciphertext: box }, act.doors.realNow())
}

export async function letterOf(act: Act, row: store.MailRow): Promise<Letter> {
    const text = await unseal(act.tx, act.doors.keys, `partner:${row.partner}`, placeOf(row.id), row.mail_ciphertext)
    return JSON.parse(text) as Letter
}

/**
 * Ends every session, token and link of this person, and mails a new link. Refuses `mailbox.too_many_links` above a
 * partner's daily limit.
 */
export async function sendLink(act: Act, partner: string, person: string): Promise<void> {
    const sent = await store.countMails(act.tx, partner, "link", act.doors.realNow() - dayMs)
    if (!(sent < linksADayMax)) {
        refuse("conflict", "mailbox.too_many_links", `\`${linksADayMax}\` sign-in links a day are sent at most`)
    }
    await queueLink(act, partner, person)
}

/** As `sendLink`, without a limit: for an admission, which happens once. */
export async function queueLink(act: Act, partner: string, person: string): Promise<void> {
    const { mail } = await mustBeHere(act, person)
    await mustBeApart(act, { partner, mail })
    await endCredentials(act, person)
    await post(act, partner, "link", { to: mail, code: null, person })
    await record(act, { kind: "mailbox.link_sent", partner, person })
}

const placeOf = (id: string): string => `partner_mails.mail:${id}`
