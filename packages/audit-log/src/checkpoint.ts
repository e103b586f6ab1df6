/**
 * Reads and writes checkpoints: the C2SP formats signed note (v1.0.0) and tlog-checkpoint.
 *
 * A checkpoint is a text of three lines: origin, size and root. A note is a text, an empty line, and one line for each
 * signature. Any witness or monitor that uses these formats can follow the audit log. Only Ed25519 (type 0x01) is
 * supported. Callers pass functions that sign and verify; no secret key comes here.
 */
import { sha256 } from "#sha256"
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"
import type { Hash } from "./merkle.ts"
import { hashesEqual } from "./merkle.ts"
import { refuse } from "@tocsin/base/refusal"

/** The size and root of a log that calls itself `origin`. */
export interface Checkpoint {
    readonly origin: string
    /** The number of leaves. */
    readonly size: number
    readonly root: Hash
}

/** A public key that verifies notes. `name` is its owner; for a log, its origin. */
export interface VerifierKey {
    readonly name: string
    /** 32 bytes, encoded as in RFC 8032. */
    readonly publicKey: Uint8Array
}

/** Signs a message with Ed25519. Returns 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array

/** Checks an Ed25519 signature (RFC 8032). Must not throw. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

const ed25519Type = 0x01
/** The most signatures of a note. */
export const signaturesMax = 64
/** The most bytes of a note. */
export const noteBytesMax = 64 * 1024

// --- Checkpoints

/**
 * Writes the note text of a checkpoint, including the last newline. Refuses `checkpoint.malformed` if the origin is not
 * a name.
 */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
    if (!isKeyName(origin)) refuseCheckpoint("its origin must have no space and no `+`")
    return `${origin}\n${size}\n${base64.encode(root)}\n`
}

/**
 * Reads a note text. Refuses `checkpoint.malformed` unless it is a checkpoint, byte for byte. It also refuses extension
 * lines. The format permits them, but the audit log writes none, and no monitor could audit them.
 */
export function parseCheckpoint(text: string): Checkpoint {
    if (text.split("\n").length !== 4) refuseCheckpoint("it must have three lines, which are origin, size and root")
    return parseLeadingCheckpoint(text)
}

/**
 * Reads the first three lines of a note text, as a witness of any log does. Refuses `checkpoint.malformed` unless lines
 * of extensions, if any, are whole and not empty.
 */
export function parseLeadingCheckpoint(text: string): Checkpoint {
    const [origin, digits, encoded, ...rest] = text.split("\n")
    const isWhole = rest.pop() === "" && !rest.includes("")
    if (origin === undefined || digits === undefined || encoded === undefined || !isWhole) {
        refuseCheckpoint("it must have three lines, which are origin, size and root")
    }
    if (!isKeyName(origin)) refuseCheckpoint("its origin must have no space and no `+`")
    const size = Number(digits)
    if (!(/^(0|[1-9]\d*)$/.test(digits) && Number.isSafeInteger(size))) {
        refuseCheckpoint("its size must be in decimal digits")
    }
    const root = fromBase64(encoded)
    if (root?.length !== 32) refuseCheckpoint("its root must be 32 bytes in base64")
    return { origin, size, root }
}

// --- Verifier keys: name+hash+base64

/** Writes a verifier key as `name+hash+base64`. */
export function formatVerifierKey(key: VerifierKey): string {
    return `${key.name}+${bytesToHex(keyHash(key))}+${base64.encode(typedKey(key))}`
}

/**
 * Reads a verifier key. Refuses `checkpoint.key_malformed` unless the text is an Ed25519 verifier key with the right
 * hash.
 */
export function parseVerifierKey(text: string): VerifierKey {
    const [name, hash, encoded] = splitTwice(text, "+")
    const typed = fromBase64(encoded ?? "")
    if (name === undefined || !isKeyName(name) || typed?.length !== 33 || typed[0] !== ed25519Type) {
        refuseKey("it must be `name+hash+base64` of an Ed25519 key")
    }
    const key = { name, publicKey: typed.slice(1) }
    if (bytesToHex(keyHash(key)) !== hash) refuseKey("its hash must be that of its name and key")
    return key
}

/** Computes the first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key). */
export function keyHash(key: VerifierKey): Uint8Array {
    return sha256(concatBytes(utf8(`${key.name}\n`), typedKey(key))).slice(0, 4)
}

// --- Notes

/** Signs a text that ends in a newline. Refuses `checkpoint.note_malformed` if a note cannot hold the text. */
export function signNote(text: string, key: VerifierKey, sign: Sign): string {
    validateText(text)
    if (!isKeyName(key.name)) refuseNote("the name of its signer must have no space and no `+`")
    const signature = sign(utf8(text))
    return `${text}\n— ${key.name} ${base64.encode(concatBytes(keyHash(key), signature))}\n`
}

/** A signature of a note, with the name of its signer. */
export interface Signature {
    readonly name: string
    readonly keyHash: Uint8Array
    readonly signature: Uint8Array
}

/**
 * Verifies a note with a trusted key and returns its text. It ignores signatures of other keys, as the format requires,
 * because witnesses add theirs. A wrong signature of this key makes the whole note invalid. Refuses
 * `checkpoint.note_malformed`, `checkpoint.unsigned` (no signature of this key) and `checkpoint.bad_signature`.
 */
export function openNote(note: string, key: VerifierKey, verify: VerifySignature): string {
    const { text, signatures } = parseNote(note)
    const ownKeyHash = keyHash(key)
    const ownSignatures = signatures.filter(
        (signature) => signature.name === key.name && hashesEqual(signature.keyHash, ownKeyHash),
    )
    if (ownSignatures.length === 0)
        refuse(
            "invalid",
            "checkpoint.unsigned",
            `no signature by the key of \`${key.name}\`: give the key that signed it`,
        )
    if (!ownSignatures.every((signature) => verify(key.publicKey, utf8(text), signature.signature))) {
        refuse("invalid", "checkpoint.bad_signature", `the signature of \`${key.name}\` does not match the text`)
    }
    return text
}

/** Decodes the bytes of a note. Refuses `checkpoint.note_malformed`. */
export function decodeNote(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
        return refuseNote("it must be UTF-8")
    }
}

/** Splits a note into text and signatures, without verification. Refuses `checkpoint.note_malformed`. */
export function parseNote(note: string): { text: string; signatures: Signature[] } {
    if (utf8(note).length > noteBytesMax) refuseNote(`it must have at most \`${noteBytesMax}\` bytes`)
    const cut = note.lastIndexOf("\n\n")
    if (cut < 0) refuseNote("it must be a text, an empty line and signatures")
    const text = note.slice(0, cut + 1)
    validateText(text)
    const lines = note.slice(cut + 2).split("\n")
    if (lines.pop() !== "" || lines.length === 0) refuseNote("it must end with lines of signatures")
    if (lines.length > signaturesMax) refuseNote(`it must have at most \`${signaturesMax}\` signatures`)
    return { text, signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): Signature {
    const [dash, name, encoded, ...more] = line.split(" ")
    const bytes = fromBase64(encoded ?? "")
    if (
        dash !== "—" ||
        name === undefined ||
        !isKeyName(name) ||
        more.length > 0 ||
        bytes === null ||
        bytes.length < 5
    ) {
        refuseNote("each signature must be a dash, a name and base64")
    }
    return { name, keyHash: bytes.slice(0, 4), signature: bytes.slice(4) }
}

function validateText(text: string): void {
    const isValid = text.endsWith("\n") && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text)
    if (!isValid) refuseNote("its text must be whole lines without control characters")
}

/** Whether a text can be the name of a key: no spaces, no `+`. */
export function isKeyName(name: string): boolean {
    return name !== "" && name.isWellFormed() && !/[\s+\u0000-\u001f\u0085]/u.test(name)
}

function typedKey({ publicKey }: VerifierKey): Uint8Array {
    return concatBytes(Uint8Array.of(ed25519Type), publicKey)
}

/** Splits at the first two separators only, because the base64 part may contain the separator. */
function splitTwice(text: string, separator: string): string[] {
    const [first, second, ...rest] = text.split(separator)
    return first === undefined || second === undefined ? [] : [first, second, rest.join(separator)]
}

/** Decodes base64. Null unless the text is canonical with padding: no spaces, no other alphabet, no leftover bits. */
export function fromBase64(text: string): Uint8Array | null {
    try {
        return base64.decode(text)
    } catch {
        return null
    }
}

/** Hashes of a proof are at most as many as a tree of 2^63 leaves has levels. */
const proofMax = 63

/**
 * Reads the lines of a proof, each a hash in base64. For any other, it calls `refuseProof` with the rule and the place
 * in `lines`.
 */
export function parseProof(lines: readonly string[], refuseProof: (rule: string, place: number) => never): Hash[] {
    if (lines.length > proofMax) refuseProof(`it must have at most \`${proofMax}\` hashes`, proofMax)
    return lines.map((line, place) => {
        const hash = fromBase64(line)
        return hash?.length === 32 ? hash : refuseProof("each hash must be 32 bytes in base64", place)
    })
}

function utf8(text: string): Uint8Array {
    return new TextEncoder().encode(text)
}

function refuseCheckpoint(rule: string): never {
    refuse("invalid", "checkpoint.malformed", `bad checkpoint: ${rule}`)
}

function refuseNote(rule: string): never {
    refuse("invalid", "checkpoint.note_malformed", `bad signed note: ${rule}`)
}

function refuseKey(rule: string): never {
    refuse("invalid", "checkpoint.key_malformed", `bad verifier key: ${rule}`)
}
