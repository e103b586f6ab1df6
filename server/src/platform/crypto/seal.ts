/**
 * Seals copies as age v1 files (https://c2sp.org/age) for a partner's recipients, so that only the partner can read
 * them: X25519 (`age1…`), hybrid with ML-KEM-768 (`age1pq1…`), and SSH keys (`ssh-ed25519 AAAA…`).
 *
 * It only writes: Tocsin cannot open what it sealed. Files of equal length have equal size for any number of recipients
 * of the same types, because every header has the same number of stanzas of each type. The rest is grease, which
 * readers skip and which is named as such.
 */
import { Encrypter, Stanza } from "age-encryption"
import {
    type KeyObject,
    createCipheriv,
    createPublicKey,
    createSecretKey,
    diffieHellman,
    generateKeyPairSync,
    hash,
    randomFillSync,
} from "node:crypto"
import { padmeLength } from "@tocsin/base/padding"
import { decodeBech32 } from "@tocsin/client/bech32"
import { isHybrid } from "@tocsin/client/recipient"
import { fingerprintBytes, sshEncrypter } from "@tocsin/client/ssh-ed25519"
import { isSsh } from "@tocsin/client/ssh-recipient"
import { refuse } from "@tocsin/base/refusal"

/** Maximum recipients of a partner, and stanzas of every header. */
export const stanzasPerHeader = 4

/** A recipient of type X25519. */
export interface Recipient {
    readonly bytes: Buffer
    readonly key: KeyObject
}

const hybridRecipientChars = 1959

const chunkBytes = 64 * 1024
const tagBytes = 16
const blockBytes = 64
const greaseBytes = 64
/** An encrypted file key. */
const wrappedBytes = 32
/** Of ML-KEM-768 and X25519. */
const hybridShareBytes = 1120
const spkiOfX25519 = Buffer.from("302a300506032b656e032100", "hex")
const noSalt = Buffer.alloc(32)
const noNonce = Buffer.alloc(12)
const recipientsByText = new Map<string, Recipient>()
const cachedRecipientsMax = 4096

/**
 * Returns the age file of `plain` for the `recipients` (`age1…`, `age1pq1…`, `ssh-ed25519 AAAA…`). `stanzas` is the
 * header's size in stanzas of each type. Refuses `seal.no_recipient`, `seal.bad_recipient`,
 * `seal.too_many_recipients`.
 */
export async function sealFor(
    recipients: readonly string[],
    plain: Uint8Array,
    stanzas = stanzasPerHeader,
): Promise<Buffer> {
    if (recipients.length === 0) refuse("conflict", "seal.no_recipient", "there is no key to seal this for")
    if (!(recipients.length <= stanzas)) {
        refuse("conflict", "seal.too_many_recipients", `a copy is sealed for \`${stanzas}\` keys at most`)
    }
    return recipients.some((recipient) => isHybrid(recipient) || isSsh(recipient))
        ? await sealByLibrary(recipients, plain, stanzas)
        : sealWithX25519(recipients, plain, stanzas)
}

/** Seals for X25519 recipients alone. Copies for many partners need its speed. */
export function sealWithX25519(recipients: readonly string[], plain: Uint8Array, stanzas = stanzasPerHeader): Buffer {
    const parsedRecipients = recipients.map(parseRecipient)
    const randomness = takeRandom(32 + greaseBytes * (stanzas - parsedRecipients.length))
    const [fileKey, nonce, greaseBytesOf] = [
        randomness.subarray(0, 16),
        randomness.subarray(16, 32),
        randomness.subarray(32),
    ]
    const stanzaTexts = parsedRecipients.map((recipient) => stanza(recipient, fileKey)).join("")
    const header = `age-encryption.org/v1\n${stanzaTexts}${grease(greaseBytesOf)}---`
    const mac = base64(headerMac(fileKey, header))
    return Buffer.concat([Buffer.from(`${header} ${mac}\n`, "latin1"), ...sealPayload(fileKey, nonce, plain)])
}

/**
 * Seals for at least one hybrid recipient or SSH key. One without ML-KEM next to a hybrid one can open the file as
 * well, so that the file withstands a quantum computer only without one.
 */
async function sealByLibrary(recipients: readonly string[], plain: Uint8Array, stanzas: number): Promise<Buffer> {
    const age = new Encrypter()
    const hybrids = recipients.filter(isHybrid)
    const sshKeys = recipients.filter(isSsh)
    const others = recipients.filter((recipient) => !isHybrid(recipient) && !isSsh(recipient))
    for (const recipient of others) {
        parseRecipient(recipient)
        age.addRecipient(recipient)
    }
    for (const recipient of hybrids) addHybrid(age, recipient)
    for (const recipient of sshKeys) age.addRecipient(sshEncrypter(recipient) ?? badRecipient(recipient))
    const left = (used: readonly string[]) => (used.length === 0 ? 0 : stanzas - used.length)
    const shareBytes = greaseBytes - wrappedBytes
    const noise = [
        ...greaseStanzas("grease-hybrids", [hybridShareBytes], left(hybrids)),
        ...greaseStanzas("grease-sshe", [fingerprintBytes, shareBytes], left(sshKeys)),
        ...greaseStanzas("grease", [shareBytes], left(others)),
    ]
    age.addRecipient({ wrapFileKey: () => noise })
    try {
        return Buffer.from(await age.encrypt(plain))
    } catch (error) {
        // A key that ML-KEM cannot use.
        if (hybrids.length > 0 && error instanceof Error && /key/i.test(error.message)) badRecipient(hybrids[0] ?? "")
        throw error
    }
}

function addHybrid(age: Encrypter, recipient: string): void {
    if (recipient.length !== hybridRecipientChars || recipient !== recipient.toLowerCase()) badRecipient(recipient)
    try {
        age.addRecipient(recipient)
    } catch {
        badRecipient(recipient)
    }
}

/** Stanzas like real ones, of a type that no reader knows, with as many characters in its name. */
function greaseStanzas(type: string, argumentBytes: readonly number[], count: number): Stanza[] {
    return Array.from({ length: count }, () => {
        const values = argumentBytes.map((bytes) => base64(takeRandom(bytes)))
        return new Stanza([type, ...values], takeRandom(wrappedBytes))
    })
}

/** Refuses `seal.bad_recipient` unless copies can be sealed for this recipient. */
export async function assertRecipient(recipient: string): Promise<void> {
    await sealFor([recipient], Buffer.alloc(0), 1)
}

/** Reads `age1…`, an X25519 recipient. Refuses `seal.bad_recipient`, also for a point without a shared secret. */
export function parseRecipient(text: string): Recipient {
    const cached = recipientsByText.get(text)
    if (cached) return cached
    const decoded = decodeBech32(text)
    if (!decoded || decoded.prefix !== "age" || decoded.bytes.length !== 32 || text !== text.toLowerCase())
        badRecipient(text)
    const bytes = Buffer.from(decoded.bytes)
    const key = createPublicKey({ key: Buffer.concat([spkiOfX25519, bytes]), format: "der", type: "spki" })
    try {
        diffieHellman({ privateKey: generateKeyPairSync("x25519").privateKey, publicKey: key })
    } catch {
        badRecipient(text)
    }
    if (recipientsByText.size >= cachedRecipientsMax) recipientsByText.clear()
    const recipient = { bytes, key }
    recipientsByText.set(text, recipient)
    return recipient
}

/** Returns the MAC over `header`, which ends with `---`. */
export function headerMac(fileKey: Uint8Array, header: string): Buffer {
    return hmac(hkdf(fileKey, noSalt, "header"), Buffer.from(header, "latin1"))
}

/** Returns the part after the header, in pieces: the nonce, then each chunk and its tag (the STREAM construction). */
export function sealPayload(fileKey: Uint8Array, nonce: Buffer, plain: Uint8Array): Buffer[] {
    const key = hkdf(fileKey, nonce, "payload")
    const pieces = [nonce]
    const chunks = Math.max(1, Math.ceil(plain.length / chunkBytes))
    const count = Buffer.alloc(12)
    for (let n = 0; n < chunks; n++) {
        count.writeUInt32BE(n, 7)
        count[11] = n === chunks - 1 ? 1 : 0
        pieces.push(...encrypt(key, count, plain.subarray(n * chunkBytes, (n + 1) * chunkBytes)))
    }
    return pieces
}

/**
 * Pads a text with newlines up to a length (of its UTF-8 bytes) that many other texts share: a Padmé bucket, at most
 * 12 % longer. Texts that must not differ in length give the same `longestBytes`, the length of the longest of them.
 */
export function padToBucket(text: string, longestBytes = 0): string {
    const bytes = Buffer.byteLength(text)
    return text + "\n".repeat(padmeLength(Math.max(bytes, longestBytes)) - bytes)
}

/** Random bytes are fetched together for many copies. Each byte is used once and then cleared. */
const pool = Buffer.alloc(16 * 1024)
let poolAt = pool.length

function takeRandom(bytes: number): Buffer {
    if (poolAt + bytes > pool.length) {
        randomFillSync(pool)
        poolAt = 0
    }
    const fresh = Buffer.from(pool.subarray(poolAt, poolAt + bytes))
    pool.fill(0, poolAt, poolAt + bytes)
    poolAt += bytes
    return fresh
}

function stanza(to: Recipient, fileKey: Buffer): string {
    const ephemeral = generateKeyPairSync("x25519")
    // A key as JWK costs a thirtieth of the same key as DER.
    const share = Buffer.from(ephemeral.publicKey.export({ format: "jwk" }).x ?? "", "base64url")
    const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: to.key })
    const wrap = hkdf(secret, Buffer.concat([share, to.bytes]), "age-encryption.org/v1/X25519")
    return `-> X25519 ${base64(share)}\n${base64(Buffer.concat(encrypt(wrap, noNonce, fileKey)))}\n`
}

/** Returns stanzas of no known type, each as long as a real one. */
function grease(noise: Buffer): string {
    let text = ""
    for (let at = 0; at < noise.length; at += greaseBytes) {
        const [argument, body] = [noise.subarray(at, at + 32), noise.subarray(at + 32, at + greaseBytes)]
        text += `-> grease ${base64(argument)}\n${base64(body)}\n`
    }
    return text
}

/** Encrypts in chunks. Passing the key as an object takes a third of the time of passing bytes. */
function encrypt(key: Buffer, nonce: Buffer, plain: Uint8Array): Buffer[] {
    const cipher = createCipheriv("chacha20-poly1305", createSecretKey(key), nonce, { authTagLength: tagBytes })
    const encrypted = cipher.update(plain)
    cipher.final()
    return [encrypted, cipher.getAuthTag()]
}

/** Computes HKDF-SHA256 for 32 bytes by two HMACs, in half the time of the built-in one. */
function hkdf(secret: Uint8Array, salt: Uint8Array, info: string): Buffer {
    return hmac(hmac(salt, secret), Buffer.from(`${info}\x01`, "latin1"))
}

/** Computes HMAC-SHA256 from two plain hashes, for keys up to a block, in half the time of the built-in one. */
function hmac(key: Uint8Array, text: Uint8Array): Buffer {
    const inner = Buffer.allocUnsafe(blockBytes + text.length)
    const outer = Buffer.allocUnsafe(blockBytes + 32)
    for (let n = 0; n < blockBytes; n++) {
        const byte = key[n] ?? 0
        inner[n] = byte ^ 0x36
        outer[n] = byte ^ 0x5c
    }
    inner.set(text, blockBytes)
    outer.write(sha256(inner), blockBytes, "latin1")
    return Buffer.from(sha256(outer), "latin1")
}

/** Returns the hash as a string, which takes two thirds of the time of returning bytes. */
function sha256(bytes: Uint8Array): string {
    return hash("sha256", bytes, "binary")
}

function base64(bytes: Buffer): string {
    return bytes.toString("base64").replace(/=+$/, "")
}

function badRecipient(text: string): never {
    const shown = text.slice(0, 80).replaceAll(/[^\x21-\x7e]/g, "?")
    refuse(
        "invalid",
        "seal.bad_recipient",
        `\`${shown}\` is no recipient: give \`age1…\` (62 letters), \`age1pq1…\` (1959) or \`ssh-ed25519 AAAA…\``,
    )
}
