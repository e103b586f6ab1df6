/**
 * Keeps the key-encryption key in a file outside the data folder, and encrypts under it.
 *
 * Every ciphertext is bound to its place (`cases.details:<id>`) and cannot be decrypted elsewhere. Format: head ‖ nonce
 * (12 bytes) ‖ AES-256-GCM of the plain ‖ tag (16), with head ‖ place as associated data. The head is the byte 1, or
 * the byte 2 and the number of the key (6 bytes).
 */
import {
    KeyObject,
    createCipheriv,
    createDecipheriv,
    createSecretKey,
    hkdfSync,
    randomBytes,
    randomUUID,
} from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { signingNoteKey } from "@tocsin/audit-log/commands/node-keys"
import type { NoteKeyKind } from "@tocsin/audit-log/note-keys"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../postgres/db.ts"
import type { SigningKey } from "./ed25519.ts"

/** A wrapping half is missing: `renew` can bring it. */
export class MissingHalf extends Error {
    constructor() {
        super("cannot decrypt the key: its wrapping half is missing")
    }
}

export interface Keys {
    /** Encrypts another key with a wrapping half, by default the first. Throws `MissingHalf`. */
    wrap(place: string, key: Uint8Array, half?: number): Promise<Buffer>
    /** Decrypts a key. Throws for another place or another secret, and `MissingHalf`. */
    unwrap(place: string, wrapped: Uint8Array): Promise<Buffer>
    /** Whether the wrapping half that encrypted a key is here. */
    knows(wrapped: Uint8Array): Promise<boolean>
    /** Derives the same bytes for the same purpose and secret (HKDF-SHA256). */
    derive(purpose: string, length: number): Buffer
    /** The signing key of a purpose: its seed is what `derive` returns. */
    signingKey(kind: NoteKeyKind, purpose: string): SigningKey
    /** The key of a log whose seeds the database has, where another process opens them. Null: this one does. */
    readonly storedSigningKey: ((kind: NoteKeyKind, verifierKey: string) => SigningKey) | null
    /** The number of the newest wrapping half. The first is 1. */
    newestHalf(): Promise<number>
    /** Takes the wrapping halves of the database in place of those before. Refuses `keys.process_outdated`. */
    renew(tx: Tx): Promise<void>
}

export const keyBytes = 32
/** The number of cached keys: the few partners and purposes repeat. */
const derivedKeysMax = 10_000
const plainHead = Buffer.of(1)
const numberedHead = 2
const numberBytes = 6
const nonceBytes = 12
const tagBytes = 16

/** Wraps with one secret of 32 bytes, and derives from it or from another one. */
export function keysFrom(secret: Uint8Array, derivingSecret: Uint8Array = secret): Keys {
    return keysFromHalves([secret], derivingSecret, async () => [secret])
}

/** Wraps with several secrets, and derives from another one. `readHalves` returns the secrets of now. */
export function keysFromHalves(
    halves: readonly Uint8Array[],
    derivingSecret: Uint8Array,
    readHalves: (tx: Tx) => Promise<readonly Uint8Array[]>,
): Keys {
    let wrapping = halves.map(wrappingHalfOf)
    const derive = deriveFrom(derivingSecret)
    const halfOf = (wrapped: Uint8Array) => wrapping.find(({ number }) => number === keyNumberIn(wrapped))
    return {
        wrap: async (place, key, half = 1) => {
            const { secret, number } = wrapping[half - 1] ?? throwMissingHalf()
            return encrypt(secret, `key:${place}`, key, number)
        },
        unwrap: async (place, wrapped) =>
            decrypt((halfOf(wrapped) ?? throwMissingHalf()).secret, `key:${place}`, wrapped),
        knows: async (wrapped) => halfOf(wrapped) !== undefined,
        derive,
        signingKey: (kind, purpose) => {
            const { publicKey, sign } = signingNoteKey(kind, derive(purpose, keyBytes), () => "")
            return { publicKey, sign }
        },
        storedSigningKey: null,
        newestHalf: async () => wrapping.length,
        renew: async (tx) => void (wrapping = (await readHalves(tx)).map(wrappingHalfOf)),
    }
}

function throwMissingHalf(): never {
    throw new MissingHalf()
}

interface WrappingHalf {
    readonly secret: Buffer
    /** Names it in the keys that it wraps; null: the first. Not its position, which a restored database gives again. */
    readonly number: number | null
}

function wrappingHalfOf(half: Uint8Array, index: number): WrappingHalf {
    if (half.length !== keyBytes) throw new Error("a key has 32 bytes")
    const derive = (purpose: string, length: number) => Buffer.from(hkdfSync("sha256", half, "", purpose, length))
    const number = index === 0 ? null : derive("tocsin/wrap-number", numberBytes).readUIntBE(0, numberBytes)
    return { secret: derive("tocsin/wrap", keyBytes), number }
}

function deriveFrom(secret: Uint8Array): Keys["derive"] {
    if (secret.length !== keyBytes) throw new Error("a key has 32 bytes")
    const deriving = Buffer.from(secret)
    return keepDerived((purpose, length) =>
        Buffer.from(hkdfSync("sha256", deriving, "", `tocsin/derive/${purpose}`, length)),
    )
}

/** Derives each key once, as long as there is room. */
export function keepDerived(derive: Keys["derive"]): Keys["derive"] {
    const derived = new Map<string, Buffer>()
    return (purpose, length) => {
        const name = `${length} ${purpose}`
        const cached = derived.get(name)
        const key = cached ?? derive(purpose, length)
        if (cached === undefined && derived.size >= derivedKeysMax) derived.clear()
        derived.set(name, key)
        // Returns a copy, so that a caller that writes into it does not change the cached key.
        return Buffer.from(key)
    }
}

/** Reads an unlocked key file. Refuses what `readKeyFileText` refuses, and `keys.file_damaged` for a locked one. */
export function readKeyFile(file: string, dataDir: string): Buffer {
    return keyFromText(readKeyFileText(file, dataDir), file)
}

/** Reads the text of an unlocked key file. Refuses `keys.file_damaged`; `source` is named in it. */
export function keyFromText(text: string, source: string): Buffer {
    if (!/^[0-9a-f]{64}\n?$/.test(text)) refuseDamaged(source)
    return Buffer.from(text.trim(), "hex")
}

/** Makes the text of a key file with a new key. */
export const newKeyText = (): string => `${randomBytes(keyBytes).toString("hex")}\n`

/**
 * Reads the key file as it is, locked or not. Refuses `keys.file_missing`, `keys.file_readable_by_others` (also for
 * another owner), `keys.file_inside_data`, and `keys.file_damaged` where it is too long.
 */
export function readKeyFileText(file: string, dataDir: string): string {
    assertLiesOutside(file, dataDir)
    const handle = openKeyFile(file)
    try {
        const stats = fs.fstatSync(handle)
        if (!stats.isFile()) refuse("invalid", "keys.file_damaged", `\`${file}\` is not a file`)
        if ((stats.mode & 0o077) !== 0 || !isOwnedByUs(stats.uid)) {
            refuse(
                "forbidden",
                "keys.file_readable_by_others",
                `others can read the key file \`${file}\`: it needs mode 0600`,
            )
        }
        if (stats.size > 4096) refuseDamaged(file)
        return fs.readFileSync(handle, "latin1")
    } finally {
        fs.closeSync(handle)
    }
}

/** Refuses `keys.file_exists`, and what `createKeyFile` refuses. */
export function assertNewKeyFile(file: string, dataDir: string): void {
    assertLiesOutside(file, dataDir)
    if (fs.existsSync(file)) refuseExisting(file)
}

function refuseExisting(file: string): never {
    refuse("conflict", "keys.file_exists", `the key file \`${file}\` already exists`)
}

/** Makes a new key file, whole or not at all; it is on the disk on return. Refuses `keys.file_exists`. */
export function createKeyFile(file: string, dataDir: string, text = newKeyText()): void {
    assertLiesOutside(file, dataDir)
    fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 })
    try {
        writeDraft(file, text, (draft) => fs.linkSync(draft, file))
    } catch (error) {
        if (!hasErrorCode(error, "EEXIST")) throw error
        refuseExisting(file)
    }
}

/**
 * Replaces the key file, whole or not at all, for the same owner; it is on the disk on return. `before` is what it had
 * when the caller read it. Refuses `keys.file_changed`.
 */
export function replaceKeyFile(file: string, before: string, text: string): void {
    const real = fs.realpathSync(file)
    writeDraft(real, text, (draft) => installKeyFile(draft, real, before))
}

/** Does what `replaceKeyFile` does, with a file that has the new text. */
export function installKeyFile(draft: string, file: string, before: string): void {
    const real = fs.realpathSync(file)
    if (fs.readFileSync(real, "latin1") !== before)
        refuse("conflict", "keys.file_changed", `\`${file}\` was changed in the meantime: run the command again`)
    const { uid, gid } = fs.statSync(real)
    fs.chownSync(draft, uid, gid)
    fs.renameSync(draft, real)
    sync(path.dirname(real))
}

function writeDraft(file: string, text: string, install: (draft: string) => void): void {
    const folder = path.dirname(path.resolve(file))
    const draft = path.join(folder, `.${path.basename(file)}.${randomUUID()}`)
    try {
        fs.writeFileSync(draft, text, { mode: 0o600, flag: "wx", flush: true })
        install(draft)
        sync(folder)
    } finally {
        fs.rmSync(draft, { force: true })
    }
}

/** Makes a new data key. */
export function newDataKey(): Buffer {
    return randomBytes(keyBytes)
}

/** Encrypts under a key. `number` is the key's, for the reader to find it; null where there is one key only. */
export function encrypt(
    dataKey: Uint8Array | KeyObject,
    place: string,
    plain: Uint8Array,
    number: number | null = null,
): Buffer {
    const head = headOf(number)
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv("aes-256-gcm", dataKeyFrom(dataKey), nonce, { authTagLength: tagBytes })
    cipher.setAAD(associatedData(head, place))
    const encrypted = cipher.update(plain)
    cipher.final()
    return Buffer.concat([head, nonce, encrypted, cipher.getAuthTag()])
}

function headOf(number: number | null): Buffer {
    if (number === null) return plainHead
    const head = Buffer.of(numberedHead, ...Buffer.alloc(numberBytes))
    head.writeUIntBE(number, 1, numberBytes)
    return head
}

/** The number of the key that decrypts a ciphertext; null where it names none. */
export function keyNumberIn(ciphertext: Uint8Array): number | null {
    if (ciphertext[0] !== numberedHead || ciphertext.length < 1 + numberBytes) return null
    return Buffer.from(ciphertext.subarray(1, 1 + numberBytes)).readUIntBE(0, numberBytes)
}

/** Decrypts a ciphertext. Throws where it is damaged, from another place, or under another key. */
export function decrypt(dataKey: Uint8Array | KeyObject, place: string, ciphertext: Uint8Array): Buffer {
    const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.length)
    const headBytes = bytes[0] === numberedHead ? 1 + numberBytes : 1
    const isKnown = bytes[0] === numberedHead || bytes[0] === plainHead[0]
    if (!isKnown || bytes.length < headBytes + nonceBytes + tagBytes) throw decryptionError(place)
    const nonce = bytes.subarray(headBytes, headBytes + nonceBytes)
    const decipher = createDecipheriv("aes-256-gcm", dataKeyFrom(dataKey), nonce, { authTagLength: tagBytes })
    decipher.setAAD(associatedData(bytes.subarray(0, headBytes), place))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const plain = decipher.update(bytes.subarray(headBytes + nonceBytes, -tagBytes))
    try {
        decipher.final()
    } catch {
        throw decryptionError(place)
    }
    return plain
}

function associatedData(head: Uint8Array, place: string): Buffer {
    if (place === "") throw new Error("a ciphertext needs a place")
    return Buffer.concat([head, Buffer.from(place)])
}

export function decryptionError(place: string): Error {
    return new Error(
        `cannot decrypt the ciphertext at ${place}: it is damaged, from another place, or under another key`,
    )
}

/** Prepares a key for many calls. */
export function dataKeyFrom(key: Uint8Array | KeyObject): KeyObject {
    if (key instanceof KeyObject) return key
    if (key.length !== keyBytes) throw new Error("a data key has 32 bytes")
    return createSecretKey(key)
}

function assertLiesOutside(file: string, dataDir: string): void {
    const relative = path.relative(realPath(dataDir), realPath(file))
    const isInside =
        relative === "" || !(relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative))
    if (isInside) {
        refuse("invalid", "keys.file_inside_data", `the key file \`${file}\` must be outside the data folder`)
    }
}

/** Returns the path with links resolved, as far as it exists. */
function realPath(file: string): string {
    const absolute = path.resolve(file)
    try {
        return fs.realpathSync(absolute)
    } catch {
        const parent = path.dirname(absolute)
        return parent === absolute ? absolute : path.join(realPath(parent), path.basename(absolute))
    }
}

function openKeyFile(file: string): number {
    try {
        return fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    } catch (error) {
        if (hasErrorCode(error, "ENOENT")) refuse("missing", "keys.file_missing", `the key file \`${file}\` is missing`)
        throw error
    }
}

function isOwnedByUs(uid: number): boolean {
    return uid === (process.geteuid?.() ?? uid) || uid === 0
}

function refuseDamaged(file: string): never {
    refuse("invalid", "keys.file_damaged", `no key from \`${file}\`: a key has 64 hexadecimal digits`)
}

/** Writes the folder's new entry to the disk. */
function sync(folder: string): void {
    const handle = fs.openSync(folder, "r")
    try {
        fs.fsyncSync(handle)
    } finally {
        fs.closeSync(handle)
    }
}

function hasErrorCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code
}
