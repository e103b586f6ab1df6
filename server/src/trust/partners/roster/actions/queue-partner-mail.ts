/** Queues mail to a partner's own address: codes, and answers to applications. */
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../../kernel/action-context.ts"
import * as store from "../store/mails.ts"

export interface MailContent {
    readonly to: string
    /** Null where the mail has no code. */
    readonly code: string | null
}

/** Queues the mail; it is sent after this transaction. */
export async function queuePartnerMail(
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

const placeOf = (id: string): string => `partner_mails.mail:${id}`
