/** Sets and reads the recognition words of a partner. They are encrypted, and no route of staff reads them. */
import type { Instant } from "@tocsin/base/instant"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { decryptText, encryptText } from "../../../../platform/crypto/vault.ts"
import { queueMail } from "../../../identity/account-mail/actions/send-sign-in-link.ts"
import { listPeople } from "../../../identity/actions/load-people.ts"
import { assertSession } from "../../../identity/actions/sign-in.ts"
import { lockPartner } from "../../store/partners.ts"
import { validateWords } from "../recognition-words.ts"
import * as store from "../store/recognition-words.ts"
import { assertLead } from "./manage-roster.ts"

/** The partner's words, or those that it had before an instant of wall-clock time; null where it has none. */
export async function findRecognitionWords(
    ctx: ActionContext,
    partner: string,
    before: Instant | null = null,
): Promise<string | null> {
    const row = await store.findWords(ctx.tx, partner, before)
    if (row === undefined || row.ciphertext === null) return null
    return await decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(row), row.ciphertext)
}

/**
 * Sets the words of the caller's partner; null removes them. Each of its people gets a notice with the earlier words.
 * Refuses `identity.session_needed` for a token, and `partner.bad_recognition_words`.
 */
export async function changeRecognitionWords(
    ctx: ActionContext,
    session: Buffer | null,
    typed: string | null,
): Promise<string | null> {
    const { partner } = assertLead(ctx)
    await assertSession(ctx, session)
    const words = typed === null ? null : validateWords(typed)
    await lockPartner(ctx.tx, partner)
    if (words === (await findRecognitionWords(ctx, partner))) return words
    for (const { id, leftAt } of await listPeople(ctx, partner)) {
        if (leftAt === null) await queueMail(ctx, id, "words_changed")
    }
    await saveWords(ctx, partner, words)
    await record(ctx, { kind: "partner.words_changed", partner })
    return words
}

/** Saves the words that an applicant typed. */
export async function saveApplicantWords(ctx: ActionContext, partner: string, typed: string): Promise<void> {
    await saveWords(ctx, partner, validateWords(typed))
}

async function saveWords(ctx: ActionContext, partner: string, words: string | null): Promise<void> {
    const last = await store.findWords(ctx.tx, partner, null)
    const setAt = Math.max(ctx.services.realNow(), (last?.setAt ?? -1) + 1)
    const place = placeOf({ partner, setAt })
    const ciphertext =
        words === null ? null : await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), place, words)
    await store.insertWords(ctx.tx, { partner, setAt, ciphertext })
}

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = ({ partner, setAt }: Pick<store.WordsRow, "partner" | "setAt">): string =>
    `recognition_words.words:${partner}:${setAt}`
