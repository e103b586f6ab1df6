/**
 * Queues mail with its own text: codes, answers to applications, and sign-in links.
 *
 * A sign-in link goes only to its person's mailbox, because a reader of the link could act as that person. Its secret
 * is made when the mail is sent and is stored nowhere.
 */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { endCredentials, assertApart, assertPresent } from "../../../identity/actions.ts"
import { linksADayMax } from "../mailbox.ts"
import * as store from "../store/mails.ts"

export interface Letter {
    readonly to: string
    /** Null where the mail has no code. */
    readonly code: string | null
    /** For a link: the person that it signs in. */
    readonly person?: string
}

/** Queues the mail; it is sent after this transaction. */
export async function post(
    ctx: ActionContext,
    partner: string,
    kind: store.MailRow["kind"],
    letter: Letter,
): Promise<void> {
    const id = ctx.services.newId()
    const box = await seal(ctx.tx, ctx.services.keys, `partner:${partner}`, placeOf(id), JSON.stringify(letter))
    await store.insertMail(ctx.tx, { id, partner, kind, mail_ciphertext: box }, ctx.services.realNow())
}

export async function letterOf(ctx: ActionContext, row: store.MailRow): Promise<Letter> {
    const text = await unseal(ctx.tx, ctx.services.keys, `partner:${row.partner}`, placeOf(row.id), row.mail_ciphertext)
    return JSON.parse(text) as Letter
}

/**
 * Ends every session, token and link of this person, and mails a new link. Refuses `mailbox.too_many_links` above a
 * partner's daily limit.
 */
export async function sendLink(ctx: ActionContext, partner: string, person: string): Promise<void> {
    const sent = await store.countMails(ctx.tx, partner, "link", ctx.services.realNow() - dayMs)
    if (!(sent < linksADayMax)) {
        refuse("conflict", "mailbox.too_many_links", `\`${linksADayMax}\` sign-in links a day are sent at most`)
    }
    await queueLink(ctx, partner, person)
}

/** As `sendLink`, without a limit: for an admission, which happens once. */
export async function queueLink(ctx: ActionContext, partner: string, person: string): Promise<void> {
    const { mail } = await assertPresent(ctx, person)
    await assertApart(ctx, { partner, mail })
    await endCredentials(ctx, person)
    await post(ctx, partner, "link", { to: mail, code: null, person })
    await record(ctx, { kind: "mailbox.link_sent", partner, person })
}

const placeOf = (id: string): string => `partner_mails.mail:${id}`
