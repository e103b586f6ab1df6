/**
 * Queues mail with its own text: codes, answers to applications, and sign-in links.
 *
 * A sign-in link goes only to its person's mailbox, because a reader of the link could act as that person. Its secret
 * is made when the mail is sent and is stored nowhere.
 */
import { dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { endAllSignIns } from "../../../identity/passkeys/actions/manage-passkeys.ts"
import { assertMailNotOnOtherSide } from "../../../identity/actions/manage-people.ts"
import { loadPresentPerson } from "../../../identity/actions/load-people.ts"
import { linksPerDayMax } from "../mailbox.ts"
import * as store from "../store/mails.ts"

export interface MailContent {
    readonly to: string
    /** Null where the mail has no code. */
    readonly code: string | null
    /** For a link: the person that it signs in. */
    readonly person?: string
}

/** Queues the mail; it is sent after this transaction. */
export async function queueMail(
    ctx: ActionContext,
    partner: string,
    kind: store.MailRow["kind"],
    content: MailContent,
): Promise<void> {
    const id = ctx.services.newId()
    const ciphertext = await encryptText(
        ctx.tx,
        ctx.services.keys,
        `partner:${partner}`,
        placeOf(id),
        JSON.stringify(content),
    )
    await store.insertMail(ctx.tx, { id, partner, kind, mail_ciphertext: ciphertext }, ctx.services.realNow())
}

export async function decryptMail(ctx: ActionContext, row: store.MailRow): Promise<MailContent> {
    const text = await decryptText(
        ctx.tx,
        ctx.services.keys,
        `partner:${row.partner}`,
        placeOf(row.id),
        row.mail_ciphertext,
    )
    return JSON.parse(text) as MailContent
}

/**
 * Ends every session, token, link and passkey of this person, and mails a new link. Refuses
 * `mailbox.too_many_links` above a partner's daily limit.
 */
export async function sendLink(ctx: ActionContext, partner: string, person: string): Promise<void> {
    const sent = await store.countMails(ctx.tx, partner, "link", ctx.services.realNow() - dayMs)
    if (!(sent < linksPerDayMax)) {
        refuse("conflict", "mailbox.too_many_links", `\`${linksPerDayMax}\` sign-in links a day are sent at most`, {
            max: linksPerDayMax,
        })
    }
    await queueLink(ctx, partner, person)
}

/** Mails a link like `sendLink`, without a limit: for an admission, which happens once. */
export async function queueLink(ctx: ActionContext, partner: string, person: string): Promise<void> {
    const { mail } = await loadPresentPerson(ctx, person)
    await assertMailNotOnOtherSide(ctx, { partner, mail })
    await endAllSignIns(ctx, person)
    await queueMail(ctx, partner, "link", { to: mail, code: null, person })
    await record(ctx, { kind: "mailbox.link_sent", partner, person })
}

const placeOf = (id: string): string => `partner_mails.mail:${id}`
