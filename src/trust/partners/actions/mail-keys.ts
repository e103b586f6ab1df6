/**
 * A partner's OpenPGP keys: its leads add and revoke them, by the rules of the keys that copies are sealed for. Whatever is
 * mailed to the partner or its persons is signed by the program and encrypted to all that are usable.
 *
 * Where none is, mail goes in clear: it holds nothing secret, and a partner whose key has ended must still be told. That a
 * key cannot be encrypted to is noted beside it.
 */
import { refuse } from "../../../lib/refusal.ts"
import { withheldFrom } from "../../../platform/clock.ts"
import { type Message, partToSeal } from "../../../platform/mail.ts"
import { readMailKey, signAndEncrypt } from "../../../platform/openpgp.ts"
import { seal, unseal } from "../../../platform/vault.ts"
import { type Act, record } from "../../audit/actions.ts"
import { mailSecret, needMailKey } from "../../mailing/actions/signing.ts"
import { type PartnerMailKey, isOver, isRevoked, isUsable, keyEnd, keysMax, usableFrom } from "../key.ts"
import * as store from "../store/mail-keys.ts"
import { lockPartner } from "../store/partners.ts"
import { mustBeLead } from "./roster.ts"
import { rulesNow } from "./rules.ts"

const scopeOf = (partner: string): string => `partner:${partner}`
const placeOf = (id: string): string => `partner_mail_keys.key:${id}`

/** It ends when it says so itself, or at the most that the program allows. */
export async function addMailKey(act: Act, text: string): Promise<PartnerMailKey> {
    const { partner, person } = mustBeLead(act)
    const { fingerprint, publicText, endsAt } = await readMailKey(text, act.doors.realNow())
    await lockPartner(act.tx, partner)
    const had = await store.mailKeys(act.tx, partner)
    if (had.some((key) => key.fingerprint === fingerprint)) {
        refuse(
            "conflict",
            "mail_key.already_added",
            "this key was added before; one that was revoked or has expired stays so",
        )
    }
    const inUse = had.filter((key) => !isOver(key, act.now))
    if (!(inUse.length < keysMax)) refuse("conflict", "mail_key.too_many", `a partner has \`${keysMax}\` keys at most`)
    const from = usableFrom(had, act.now)
    const { rules } = await rulesNow(act, "dues")
    const latest = keyEnd(null, from, rules.keyDaysMax)
    const id = act.doors.newId()
    const key = {
        ...{ id, partner, fingerprint, addedBy: person, addedAt: act.now, usableFrom: from },
        expiresAt: endsAt === null || endsAt > latest ? latest : keyEnd(endsAt, from, rules.keyDaysMax),
        revokedAt: null,
        failedAt: null,
        keyBox: await seal(act.tx, act.doors.keys, scopeOf(partner), placeOf(id), publicText),
    }
    await store.insertMailKey(act.tx, key)
    await needMailKey(act)
    const { expiresAt } = key
    const first = had.length === 0
    await record(act, { kind: "mail_key.added", partner, key: id, fingerprint, usableFrom: from, expiresAt, first })
    return key
}

/** Nothing more is encrypted to this key. Once more changes nothing. */
export async function revokeMailKey(act: Act, id: string): Promise<void> {
    const { partner } = mustBeLead(act)
    await lockPartner(act.tx, partner)
    const key = (await store.mailKeys(act.tx, partner)).find((one) => one.id === id)
    if (!key) refuse("missing", "mail_key.not_found", "no such key")
    if (isRevoked(key, act.now)) return
    await store.markMailKeyRevoked(act.tx, id, await withheldFrom(act.tx, act.doors, act.now))
    await record(act, { kind: "mail_key.revoked", partner, key: id })
}

/** Every OpenPGP key the partner ever had, oldest first. */
export async function mailKeysOf(act: Act, partner: string): Promise<PartnerMailKey[]> {
    return await store.mailKeys(act.tx, partner)
}

/**
 * As it is mailed to this partner: encrypted where it has a key that is usable now. `sealed`: nobody is to see that there was
 * a mail, and so a key that cannot be encrypted to is marked by the next that is not.
 */
export async function writtenFor(act: Act, partner: string, message: Message, sealed = false): Promise<Message> {
    const keys = (await store.mailKeys(act.tx, partner)).filter((key) => isUsable(key, act.now))
    if (keys.length === 0) return message
    const open = (key: store.MailKeyRow) =>
        unseal(act.tx, act.doors.keys, scopeOf(partner), placeOf(key.id), key.keyBox)
    const texts: string[] = []
    for (const key of keys) texts.push(await open(key))
    const secret = await mailSecret(act)
    const { armoured, failed } = await signAndEncrypt(secret, texts, partToSeal(message), act.doors.realNow())
    for (const key of keys.filter(({ fingerprint }) => !sealed && failed.includes(fingerprint))) {
        if (!(await store.markMailKeyFailed(act.tx, key.id, act.now))) continue
        await record(act, { kind: "mail_key.failed", partner, key: key.id })
    }
    return armoured === null ? message : { ...message, sealed: armoured }
}
