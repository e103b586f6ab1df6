/**
 * Seals copies as OpenPGP messages (RFC 9580) for a partner's certificates, so that only the partner can read them.
 *
 * Messages are binary, of AES-256, without signature, compression, file name or time. They use AEAD (version 2 of the
 * encrypted data packet) where every certificate announces it, else version 1, which GnuPG reads. It only writes:
 * Tocsin cannot open what it sealed.
 */
import { randomBytes } from "node:crypto"
import type { Key, Subkey } from "openpgp"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { openPgpRecipient } from "@tocsin/client/openpgp-recipient"
import { assertEncrypts, readPublicKey, refuseUnusable } from "./openpgp.ts"

/** A certificate that copies can be sealed to, reduced to what sealing needs. */
export interface SealingCertificate {
    /** `openpgp:PRIMARY/SUBKEY`: the fingerprints of the primary key and of the subkey that copies are sealed to. */
    readonly recipient: string
    /** Armoured: the primary key, its primary name with the key's own signatures, and this one subkey. */
    readonly text: string
    /** When the primary key or the subkey expires; null: never. */
    readonly endsAt: Instant | null
}

/**
 * Reads a certificate that a stranger entered, by the rules of keys for mail. Refuses `openpgp.no_subkey` where only
 * the primary key can encrypt.
 */
export async function readSealingCertificate(text: string, at: Instant): Promise<SealingCertificate> {
    const key = await readPublicKey(text, at)
    await assertEncrypts(key, at)
    const date = new Date(at)
    const subkey = await findSubkey(key, date)
    const ends = [await key.getExpirationTime(), await subkey.getExpirationTime(date)]
    const instants = ends.flatMap((end) => (end instanceof Date ? [end.getTime()] : []))
    const { user } = await key.getPrimaryUser(date)
    user.otherCertifications = []
    key.users = [user]
    key.subkeys = [subkey]
    return {
        recipient: recipientOf(key, subkey),
        text: key.armor(),
        endsAt: instants.length === 0 ? null : Math.min(...instants),
    }
}

/**
 * Prepares sealing for certificates that `readSealingCertificate` returned. Refuses those that have expired since, as
 * `readPublicKey` does.
 */
export async function prepareOpenPgp(
    certificates: readonly Pick<SealingCertificate, "recipient" | "text">[],
    at: Instant,
): Promise<(plain: Uint8Array) => Promise<Buffer>> {
    const { createMessage, encrypt, generateSessionKey } = await import("openpgp")
    const date = new Date(at)
    const encryptionKeys: Key[] = []
    for (const { recipient, text } of certificates) {
        const key = await readPublicKey(text, at)
        if (recipientOf(key, await findSubkey(key, date)) !== recipient)
            throw new Error(`the stored certificate is not that of ${recipient}`)
        encryptionKeys.push(key)
    }
    return async (plain) => {
        // The library's own session key is of AES-128 where a certificate does not ask for AES-256.
        const { aeadAlgorithm } = await generateSessionKey({ encryptionKeys, date })
        const cipher = { data: randomBytes(32), algorithm: "aes256" } as const
        const sessionKey = aeadAlgorithm === undefined ? cipher : { ...cipher, aeadAlgorithm }
        const message = await createMessage({ binary: plain, date: new Date(0) })
        const sealed = encrypt({ message, encryptionKeys, sessionKey, date, format: "binary" })
        return Buffer.from(await sealed.catch(refuseUnusable))
    }
}

async function findSubkey(key: Key, date: Date): Promise<Subkey> {
    const found = await key.getEncryptionKey(undefined, date)
    if (!("mainKey" in found))
        refuse("invalid", "openpgp.no_subkey", "this key has no subkey for encryption: add one, and export it again")
    return found
}

const recipientOf = (key: Key, subkey: Subkey): string =>
    openPgpRecipient(key.getFingerprint(), subkey.getFingerprint())
