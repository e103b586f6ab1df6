/**
 * OpenPGP for what is published: a key of version 4 with Ed25519 in its older form, which every OpenPGP program reads, and
 * detached signatures. The library is loaded by the first who needs it.
 */
import type { Instant } from "../lib/instant.ts"

export interface OpenPgpKey {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    readonly publicText: string
    /** To be kept sealed. */
    readonly secretText: string
}

/** A new key: another one at each call. */
export async function makeOpenPgpKey(name: string, at: Instant): Promise<OpenPgpKey> {
    const { generateKey } = await import("openpgp")
    const { privateKey, publicKey } = await generateKey({
        type: "ecc",
        curve: "ed25519Legacy",
        userIDs: [{ name }],
        date: new Date(at),
        format: "object",
    })
    return {
        fingerprint: publicKey.getFingerprint().toUpperCase(),
        publicText: publicKey.armor(),
        secretText: privateKey.armor(),
    }
}

/** Signs texts, each by itself, as of an instant; the same text always alike. The signatures are armoured. */
export async function signDetached(secretText: string, texts: readonly string[], at: Instant): Promise<string[]> {
    const { createMessage, readPrivateKey, sign } = await import("openpgp")
    const signingKeys = await readPrivateKey({ armoredKey: secretText })
    return await Promise.all(
        texts.map(async (text) => {
            const message = await createMessage({ binary: Buffer.from(text, "utf8") })
            const config = { nonDeterministicSignaturesViaNotation: false }
            return String(await sign({ message, signingKeys, detached: true, date: new Date(at), config }))
        }),
    )
}
