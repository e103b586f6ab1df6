/**
 * Adds and revokes a partner's OpenPGP keys, by the rules of its age keys.
 *
 * Mail to the partner and its people is signed by the program and encrypted to all usable keys. Without a usable key
 * it is sent in clear: it has no secret content, and the partner must still be notified. A key that cannot be used for
 * encryption is marked.
 */
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../../platform/time/clock.ts"
import { type Message, partToEncrypt } from "../../../../platform/mail/mail.ts"
import { readMailKey, signAndEncrypt } from "../../../../platform/crypto/openpgp.ts"
import { encryptText, decryptText } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { loadMailSecret, ensureMailKey } from "../../../mail/actions/sign-mail.ts"
import { type PartnerMailKey, isEnded, isRevoked, isUsable, keyEnd, keysMax, earliestUse } from "../key.ts"
import * as store from "../store/mail-keys.ts"
import { lockPartner } from "../../store/partners.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { loadRules } from "../../actions/set-program-rules.ts"

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = (id: string): string => `partner_mail_keys.key:${id}`

/**
 * Adds an OpenPGP key. It ends at its own expiry or at the program's maximum. Refuses `mail_key.already_added`,
 * `mail_key.too_many`.
 */
export async function addMailKey(ctx: ActionContext, text: string): Promise<PartnerMailKey> {
    const { partner, person } = assertLead(ctx)
    const { fingerprint, publicText, endsAt } = await readMailKey(text, ctx.services.realNow())
    await lockPartner(ctx.tx, partner)
    const earlierKeys = await store.listMailKeys(ctx.tx, partner)
    if (earlierKeys.some((key) => key.fingerprint === fingerprint)) {
        refuse(
            "conflict",
            "mail_key.already_added",
            "this key was added before and cannot be added again: create a new key",
        )
    }
    const inUse = earlierKeys.filter((key) => !isEnded(key, ctx.now))
    if (!(inUse.length < keysMax))
        refuse("conflict", "mail_key.too_many", `the limit of \`${keysMax}\` keys is reached: revoke one first`, {
            max: keysMax,
        })
    const from = earliestUse(earlierKeys, ctx.now)
    const { rules } = await loadRules(ctx, "requirements")
    const latest = keyEnd(null, from, rules.keyDaysMax)
    const id = ctx.services.newId()
    const key = {
        id,
        partner,
        fingerprint,
        addedBy: person,
        addedAt: ctx.now,
        usableFrom: from,
        expiresAt: endsAt === null || endsAt > latest ? latest : keyEnd(endsAt, from, rules.keyDaysMax),
        revokedAt: null,
        failedAt: null,
        keyCiphertext: await encryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(id), publicText),
    }
    await store.insertMailKey(ctx.tx, key)
    await ensureMailKey(ctx)
    const { expiresAt } = key
    const first = earlierKeys.length === 0
    await record(ctx, { kind: "mail_key.added", partner, key: id, fingerprint, usableFrom: from, expiresAt, first })
    return key
}

/** Revokes a key: no more mail is encrypted to it. Repeating changes nothing. */
export async function revokeMailKey(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const key = (await store.listMailKeys(ctx.tx, partner)).find((mailKey) => mailKey.id === id)
    if (!key) refuse("missing", "mail_key.not_found", "no key with this id")
    if (isRevoked(key, ctx.now)) return
    await store.markMailKeyRevoked(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    await record(ctx, { kind: "mail_key.revoked", partner, key: id })
}

/** Lists every OpenPGP key that the partner ever had, oldest first. */
export async function listMailKeys(ctx: ActionContext, partner: string): Promise<PartnerMailKey[]> {
    return await store.listMailKeys(ctx.tx, partner)
}

/**
 * Encrypts mail to this partner if it has a usable key. `isConfidential`: the mail itself is confidential, so a
 * failing key is not marked now but by the next mail that is not confidential.
 */
export async function encryptMail(
    ctx: ActionContext,
    partner: string,
    message: Message,
    isConfidential = false,
): Promise<Message> {
    const keys = (await store.listMailKeys(ctx.tx, partner)).filter((key) => isUsable(key, ctx.now))
    if (keys.length === 0) return message
    const decrypt = (key: store.MailKeyRow) =>
        decryptText(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(key.id), key.keyCiphertext)
    const texts: string[] = []
    for (const key of keys) texts.push(await decrypt(key))
    const secret = await loadMailSecret(ctx)
    const { armoured, failed } = await signAndEncrypt(secret, texts, partToEncrypt(message), ctx.services.realNow())
    for (const key of keys.filter(({ fingerprint }) => !isConfidential && failed.includes(fingerprint))) {
        if (!(await store.markMailKeyFailed(ctx.tx, key.id, ctx.now))) continue
        await record(ctx, { kind: "mail_key.failed", partner, key: key.id })
    }
    return armoured === null ? message : { ...message, encryptedText: armoured }
}
