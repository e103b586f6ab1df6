/**
 * Makes OpenPGP keys, signatures and messages, for published documents and for mail. Keys are of version 4 with Ed25519
 * in its older form, which every OpenPGP client reads. The library is loaded at first use.
 */
import type { Key } from "openpgp"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

export interface OpenPgpKey {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    readonly publicText: string
    /** Store it encrypted. */
    readonly secretText: string
}

/** Makes a new key at each call. */
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

/** Signs each text as of an instant. Equal texts have equal signatures, and signatures are armoured. */
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

/** A public key to which mail can be encrypted. */
export interface MailKey {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    readonly publicText: string
    /** When the key expires; null: never. */
    readonly endsAt: Instant | null
}

export const publicKeyCharsMax = 40_000
const rsaBitsMin = 3072

/** Reads a key that a stranger entered, as `readPublicKey` does. */
export async function readMailKey(text: string, at: Instant): Promise<MailKey> {
    const key = await readPublicKey(text, at)
    const endsAt = await key.getExpirationTime()
    return {
        fingerprint: key.getFingerprint().toUpperCase(),
        publicText: key.armor(),
        endsAt: endsAt instanceof Date ? endsAt.getTime() : null,
    }
}

/** Reads exactly one public key. Refuses any other text, and a key that is too weak, expired or revoked. */
export async function readPublicKey(text: string, at: Instant): Promise<Key> {
    if (/PRIVATE KEY/.test(text))
        refuse("invalid", "openpgp.secret_key", "this is a secret key: enter the public key, and replace this key")
    const key = await readSingleKey(text)
    await assertCanEncrypt(key, at)
    return key
}

async function readSingleKey(text: string): Promise<Key> {
    const { readKeys } = await import("openpgp")
    const keys = await readKeys({ armoredKeys: text.slice(0, publicKeyCharsMax + 1) }).catch(() => [])
    const [key] = keys
    if (!key || keys.length > 1 || key.isPrivate() || text.length > publicKeyCharsMax) {
        return refuse("invalid", "openpgp.no_key", "not an armoured OpenPGP public key: enter exactly one")
    }
    return key
}

/** Refuses a key that is expired, revoked or too weak. */
export async function assertCanEncrypt(key: Key, at: Instant): Promise<void> {
    const algorithm = await findEncryptionAlgorithm(key, at)
    if (!algorithm) {
        return refuse("invalid", "openpgp.not_usable", "this key has expired, was revoked, or cannot be encrypted to")
    }
    if (!(key.keyPacket.version === 4 && isStrong(key.getAlgorithmInfo()) && isStrong(algorithm))) {
        refuse("invalid", "openpgp.weak_key", `a key is of version 4, with Ed25519 or RSA of \`${rsaBitsMin}\` bits`)
    }
}

async function findEncryptionAlgorithm(key: Key, at: Instant): Promise<Algorithm | null> {
    try {
        await key.verifyPrimaryKey(new Date(at))
        return (await key.getEncryptionKey(undefined, new Date(at))).getAlgorithmInfo()
    } catch {
        return null
    }
}

type Algorithm = ReturnType<Key["getAlgorithmInfo"]>

function isStrong({ algorithm, bits = 0, curve }: Algorithm): boolean {
    if (algorithm.startsWith("rsa")) return bits >= rsaBitsMin
    return (
        curve === "ed25519Legacy" || curve === "curve25519Legacy" || algorithm === "ed25519" || algorithm === "x25519"
    )
}

/**
 * Signs a text, and encrypts it to those of the keys that are usable at this instant. Also returns the fingerprints
 * of the other keys.
 */
export async function signAndEncrypt(
    secretText: string,
    publicTexts: readonly string[],
    text: string,
    at: Instant,
): Promise<{ readonly armoured: string | null; readonly failed: readonly string[] }> {
    const { createMessage, encrypt, readKey, readPrivateKey } = await import("openpgp")
    const keys = await Promise.all(publicTexts.map((armoredKey) => readKey({ armoredKey })))
    const isUsable = await Promise.all(keys.map(async (key) => (await findEncryptionAlgorithm(key, at)) !== null))
    const failed = keys.filter((_, n) => !isUsable[n]).map((key) => key.getFingerprint().toUpperCase())
    const encryptionKeys = keys.filter((_, n) => isUsable[n])
    if (encryptionKeys.length === 0) return { armoured: null, failed }
    const signingKeys = await readPrivateKey({ armoredKey: secretText })
    const message = await createMessage({ binary: Buffer.from(text, "utf8") })
    const date = new Date(at)
    return { armoured: String(await encrypt({ message, encryptionKeys, signingKeys, date })), failed }
}
