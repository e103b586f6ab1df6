/**
 * Makes OpenPGP keys, signatures and messages, for published documents and for mail. Keys are of version 4 with Ed25519
 * in its older form, which every OpenPGP client reads. The library is loaded at first use.
 */
import type { Key, Subkey } from "openpgp"
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

/** Returns the name of the owner in a public key. */
export async function nameIn(publicText: string): Promise<string> {
    const { readKey } = await import("openpgp")
    const [user] = (await readKey({ armoredKey: publicText })).users
    return user?.userID?.userID ?? ""
}

/** Returns the public key with a certification of its name by another key. */
export async function certifyKey(publicText: string, certifierSecretText: string, at: Instant): Promise<string> {
    const { readKey, readPrivateKey } = await import("openpgp")
    const key = await readKey({ armoredKey: publicText })
    const certifier = await readPrivateKey({ armoredKey: certifierSecretText })
    return (await key.signPrimaryUser([certifier], new Date(at))).armor()
}

/** Returns the public key, revoked because its secret may be known to others. */
export async function revokeKey(secretText: string, at: Instant): Promise<string> {
    const { enums, readPrivateKey, revokeKey: revoke } = await import("openpgp")
    const { publicKey } = await revoke({
        key: await readPrivateKey({ armoredKey: secretText }),
        reasonForRevocation: { flag: enums.reasonForRevocation.keyCompromised },
        date: new Date(at),
        format: "object",
    })
    return publicKey.armor()
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
const rsaBits = { min: 3072, max: 8192 }
/** 65,537 is usual. A small exponent hardly encrypts, and a long one takes long. */
const rsaExponent = { min: 65_537, bytesMax: 4 }
const subkeysMax = 20

/** Reads a key that a stranger entered, as `readPublicKey` does. */
export async function readMailKey(text: string, at: Instant): Promise<MailKey> {
    const key = await readPublicKey(text, at)
    await assertEncrypts(key, at)
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

/**
 * Refuses a key that is expired, revoked or too weak. Before any signature is verified, it drops the subkeys of other
 * algorithms: some take minutes with numbers that a stranger chose.
 */
export async function assertCanEncrypt(key: Key, at: Instant): Promise<void> {
    const strong = key.subkeys.filter((subkey) => isStrong(subkey))
    const isWeak = key.subkeys.length > 0 && strong.length === 0
    if (!(key.keyPacket.version === 4 && isStrong(key)) || isWeak || strong.length > subkeysMax) {
        const rule = `with Ed25519, or RSA of \`${rsaBits.min}\` to \`${rsaBits.max}\` bits, and 20 subkeys at most`
        refuse("invalid", "openpgp.weak_key", `a key is of version 4, ${rule}`)
    }
    key.subkeys = strong
    if (!(await canEncrypt(key, at))) refuseUnusable()
}

/** Encrypts one byte, because the numbers of a key can be such that this fails. Refuses `openpgp.not_usable`. */
export async function assertEncrypts(key: Key, at: Instant): Promise<void> {
    const { createMessage, encrypt } = await import("openpgp")
    const message = await createMessage({ binary: Buffer.alloc(1) })
    await encrypt({ message, encryptionKeys: key, date: new Date(at), format: "binary" }).catch(refuseUnusable)
}

export function refuseUnusable(): never {
    refuse("invalid", "openpgp.not_usable", "this key has expired, was revoked, or cannot be encrypted to")
}

async function canEncrypt(key: Key, at: Instant): Promise<boolean> {
    try {
        await key.verifyPrimaryKey(new Date(at))
        await key.getEncryptionKey(undefined, new Date(at))
        return true
    } catch {
        return false
    }
}

function isStrong(part: Key | Subkey): boolean {
    const { algorithm, bits = 0, curve } = part.getAlgorithmInfo()
    if (algorithm.startsWith("rsa")) {
        const { n, e } = part.keyPacket.publicParams as { readonly n: Uint8Array; readonly e: Uint8Array }
        const exponent = e.length > rsaExponent.bytesMax ? 0 : Number(`0x${Buffer.from(e).toString("hex") || "0"}`)
        const isOdd = exponent % 2 === 1 && (n.at(-1) ?? 0) % 2 === 1
        return bits >= rsaBits.min && bits <= rsaBits.max && exponent >= rsaExponent.min && isOdd
    }
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
    const isUsable = await Promise.all(keys.map(async (key) => await canEncrypt(key, at)))
    const failed = keys.filter((_, n) => !isUsable[n]).map((key) => key.getFingerprint().toUpperCase())
    const encryptionKeys = keys.filter((_, n) => isUsable[n])
    if (encryptionKeys.length === 0) return { armoured: null, failed }
    const signingKeys = await readPrivateKey({ armoredKey: secretText })
    const message = await createMessage({ binary: Buffer.from(text, "utf8") })
    const date = new Date(at)
    return { armoured: String(await encrypt({ message, encryptionKeys, signingKeys, date })), failed }
}
