/**
 * A partner's OpenPGP keys: its leads add and revoke them, by the rules of the keys that copies are sealed for. Whatever is
 * mailed to the partner or its persons is signed by the program and encrypted to all that are usable.
 *
 * Where none is, mail goes in clear: it holds nothing secret, and a partner whose key has ended must still be told. That a
 * key cannot be encrypted to is noted beside it.
 */
import { refuse } from "@tocsin/base/refusal"
import { withheldFrom } from "../../../../platform/time/clock.ts"
import { type Message, partToSeal } from "../../../../platform/mail/mail.ts"
import { readMailKey, signAndEncrypt } from "../../../../platform/crypto/openpgp.ts"
import { seal, unseal } from "../../../../platform/crypto/vault.ts"
import { type ActionContext, record } from "../../../../kernel/action-context.ts"
import { mailSecret, needMailKey } from "../../../mail/actions/sign-mail.ts"
import { type PartnerMailKey, isOver, isRevoked, isUsable, keyEnd, keysMax, usableFrom } from "../key.ts"
import * as store from "../store/mail-keys.ts"
import { lockPartner } from "../../store/partners.ts"
import { assertLead } from "../../roster/actions/manage-roster.ts"
import { rulesNow } from "../../actions/set-program-rules.ts"

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = (id: string): string => `partner_mail_keys.key:${id}`

/** It ends when it says so itself, or at the most that the program allows. */
export async function addMailKey(ctx: ActionContext, text: string): Promise<PartnerMailKey> {
    const { partner, person } = assertLead(ctx)
    const { fingerprint, publicText, endsAt } = await readMailKey(text, ctx.services.realNow())
    await lockPartner(ctx.tx, partner)
    const had = await store.listMailKeys(ctx.tx, partner)
    if (had.some((key) => key.fingerprint === fingerprint)) {
        refuse(
            "conflict",
            "mail_key.already_added",
            "this key was added before; one that was revoked or has expired stays so",
        )
    }
    const inUse = had.filter((key) => !isOver(key, ctx.now))
    if (!(inUse.length < keysMax)) refuse("conflict", "mail_key.too_many", `a partner has \`${keysMax}\` keys at most`)
    const from = usableFrom(had, ctx.now)
    const { rules } = await rulesNow(ctx, "dues")
    const latest = keyEnd(null, from, rules.keyDaysMax)
    const id = ctx.services.newId()
    const key = {
        ...{ id, partner, fingerprint, addedBy: person, addedAt: ctx.now, usableFrom: from },
        expiresAt: endsAt === null || endsAt > latest ? latest : keyEnd(endsAt, from, rules.keyDaysMax),
        revokedAt: null,
        failedAt: null,
        keyBox: await seal(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(id), publicText),
    }
    await store.insertMailKey(ctx.tx, key)
    await needMailKey(ctx)
    const { expiresAt } = key
    const first = had.length === 0
    await record(ctx, { kind: "mail_key.added", partner, key: id, fingerprint, usableFrom: from, expiresAt, first })
    return key
}

/** Nothing more is encrypted to this key. Once more changes nothing. */
export async function revokeMailKey(ctx: ActionContext, id: string): Promise<void> {
    const { partner } = assertLead(ctx)
    await lockPartner(ctx.tx, partner)
    const key = (await store.listMailKeys(ctx.tx, partner)).find((mailKey) => mailKey.id === id)
    if (!key) refuse("missing", "mail_key.not_found", "no such key")
    if (isRevoked(key, ctx.now)) return
    await store.markMailKeyRevoked(ctx.tx, id, await withheldFrom(ctx.tx, ctx.services, ctx.now))
    await record(ctx, { kind: "mail_key.revoked", partner, key: id })
}

/** Every OpenPGP key the partner ever had, oldest first. */
export async function mailKeysOf(ctx: ActionContext, partner: string): Promise<PartnerMailKey[]> {
    return await store.listMailKeys(ctx.tx, partner)
}

/**
 * As it is mailed to this partner: encrypted where it has a key that is usable now. `sealed`: nobody is to see that there was
 * a mail, and so a key that cannot be encrypted to is marked by the next that is not.
 */
export async function writtenFor(
    ctx: ActionContext,
    partner: string,
    message: Message,
    sealed = false,
): Promise<Message> {
    const keys = (await store.listMailKeys(ctx.tx, partner)).filter((key) => isUsable(key, ctx.now))
    if (keys.length === 0) return message
    const open = (key: store.MailKeyRow) =>
        unseal(ctx.tx, ctx.services.keys, scopeOf(partner), placeOf(key.id), key.keyBox)
    const texts: string[] = []
    for (const key of keys) texts.push(await open(key))
    const secret = await mailSecret(ctx)
    const { armoured, failed } = await signAndEncrypt(secret, texts, partToSeal(message), ctx.services.realNow())
    for (const key of keys.filter(({ fingerprint }) => !sealed && failed.includes(fingerprint))) {
        if (!(await store.markMailKeyFailed(ctx.tx, key.id, ctx.now))) continue
        await record(ctx, { kind: "mail_key.failed", partner, key: key.id })
    }
    return armoured === null ? message : { ...message, sealed: armoured }
}
