/**
 * Reads and writes the keys of notes and their signatures: of logs and of witnesses, by Ed25519 and by ML-DSA-44.
 *
 * Source: C2SP signed-note and tlog-cosignature. A cosignature states that its key saw this tree, and no other one, at
 * the time that it names. Callers pass functions that sign and verify; no secret key comes here.
 */
import { sha256 } from "#sha256"
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"
import {
    fromBase64,
    isKeyName,
    parseLeadingCheckpoint,
    parseNote,
    type Sign,
    type Signature,
    type VerifySignature,
} from "./checkpoint.ts"
import { hashesEqual } from "./merkle.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"

/** How a key signs. `ed25519`: the note's text. The others: a cosignature, with a time. */
export type NoteKeyKind = "ed25519" | "cosignature" | "ml_dsa_44"

/** Type byte, and length of the public key and the signature in bytes. */
const forms = {
    ed25519: { type: 0x01, keyBytes: 32, signatureBytes: 64 },
    cosignature: { type: 0x04, keyBytes: 32, signatureBytes: 8 + 64 },
    ml_dsa_44: { type: 0x06, keyBytes: 1312, signatureBytes: 8 + 2420 },
} as const satisfies Record<NoteKeyKind, object>

/** A public key that verifies signatures of notes. */
export interface NoteKey {
    /** Of a log: its origin. */
    readonly name: string
    readonly kind: NoteKeyKind
    readonly publicKey: Uint8Array
}

/** Check signatures. They must not throw. */
export interface Verifiers {
    readonly ed25519: VerifySignature
    /** FIPS 204, ML-DSA-44, with an empty context. */
    readonly mlDsa44: VerifySignature
}

/** A signature that was verified. */
export interface VerifiedSignature {
    readonly key: NoteKey
    /** Seconds since 1970, from a cosignature; 0 where it names no time. */
    readonly time: number
}

/** Writes a key as `name+hash+base64`. */
export function formatNoteKey(key: NoteKey): string {
    return `${keyName(key)}+${base64.encode(typedKey(key))}`
}

/** The length of a signature's line in bytes: dash, name and base64, with two spaces and a newline. */
export function signatureLineBytes({ name, kind }: Pick<NoteKey, "name" | "kind">): number {
    const base64Length = Math.ceil((4 + forms[kind].signatureBytes) / 3) * 4
    return new TextEncoder().encode(`— ${name} \n`).length + base64Length
}

/** Reads `name+hash+base64`. Refuses `checkpoint.key_malformed` for another form, type or hash. */
export function parseNoteKey(text: string): NoteKey {
    const [name = "", hash = "", ...rest] = text.split("+")
    const typed = fromBase64(rest.join("+")) ?? new Uint8Array()
    const [kind] = Object.entries(forms).find(([, { type }]) => type === typed[0]) ?? []
    if (!isKeyName(name) || !isKind(kind) || typed.length !== 1 + forms[kind].keyBytes) {
        refuseKey("it must be `name+hash+base64` of an Ed25519 or ML-DSA-44 key")
    }
    const key = { name, kind, publicKey: typed.slice(1) }
    if (bytesToHex(noteKeyHash(key)) !== hash) refuseKey("its hash must be that of its name and key")
    return key
}

/** Names a key among others: `name+hash`. */
export const keyName = (key: NoteKey): string => `${key.name}+${bytesToHex(noteKeyHash(key))}`

/** Computes the first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ key). */
export function noteKeyHash(key: NoteKey): Uint8Array {
    return sha256(concatBytes(utf8(`${key.name}\n`), typedKey(key))).slice(0, 4)
}

/**
 * Signs the text of a checkpoint, which ends in a newline. Returns the line of the signature. `time` is in seconds
 * since 1970; a key of the kind `ed25519` signs none.
 */
export function signatureLine(text: string, key: NoteKey, time: number, sign: Sign): string {
    const signature = sign(signedMessage(text, key, time))
    const timed = key.kind === "ed25519" ? signature : concatBytes(uint64(time), signature)
    return `— ${key.name} ${base64.encode(concatBytes(noteKeyHash(key), timed))}\n`
}

/**
 * Verifies the signatures of known keys, and ignores those of others. Refuses `checkpoint.note_malformed`, and
 * `checkpoint.bad_signature` where a signature of a known key is wrong, because the note is then not to be trusted.
 */
export function verifiedSignatures(note: string, keys: readonly NoteKey[], verifiers: Verifiers): VerifiedSignature[] {
    const { text, signatures } = parseNote(note)
    return signatures.flatMap((signature) => {
        const key = keys.find(
            (known) => known.name === signature.name && hashesEqual(noteKeyHash(known), signature.keyHash),
        )
        if (key === undefined) return []
        const time = verifiedTime(text, key, signature, verifiers)
        if (time === null) {
            refuse("invalid", "checkpoint.bad_signature", `the signature of \`${key.name}\` does not match the text`)
        }
        return [{ key, time }]
    })
}

/** Finds the valid signatures of known keys among lines, and ignores all other lines. `text` is the note's. */
export function verifiedLines(
    text: string,
    lines: readonly string[],
    keys: readonly NoteKey[],
    verifiers: Verifiers,
): (VerifiedSignature & { readonly line: string })[] {
    return lines.flatMap((line) => {
        try {
            const signatures = verifiedSignatures(`${text}\n${line}\n`, keys, verifiers)
            return signatures.map((signature) => ({ ...signature, line: `${line}\n` }))
        } catch (error) {
            if (!(error instanceof Refusal)) throw error
            return []
        }
    })
}

/** The end of the year 9999. */
const secondsMax = 253_402_300_799n

/** The time of a valid signature, 0 where it has none; null for a wrong signature. */
function verifiedTime(text: string, key: NoteKey, { signature }: Signature, verifiers: Verifiers): number | null {
    if (signature.length !== forms[key.kind].signatureBytes) return null
    if (key.kind === "ed25519") return verifiers.ed25519(key.publicKey, utf8(text), signature) ? 0 : null
    const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)
    if (time > secondsMax) return null
    const verify = key.kind === "cosignature" ? verifiers.ed25519 : verifiers.mlDsa44
    return verify(key.publicKey, signedMessage(text, key, Number(time)), signature.slice(8)) ? Number(time) : null
}

/** The bytes that a key signs. */
function signedMessage(text: string, key: NoteKey, time: number): Uint8Array {
    if (key.kind === "ed25519") return utf8(text)
    if (key.kind === "cosignature") return utf8(`cosignature/v1\ntime ${time}\n${text}`)
    const { origin, size, root } = parseLeadingCheckpoint(text)
    return concatBytes(
        utf8("subtree/v1\n\0"),
        shortText(key.name),
        uint64(time),
        shortText(origin),
        uint64(0),
        uint64(size),
        root,
    )
}

/** A text after its length in one byte. */
function shortText(text: string): Uint8Array {
    const bytes = utf8(text)
    if (bytes.length === 0 || bytes.length > 255) refuseKey("names under ML-DSA-44 must have 1 to 255 bytes")
    return concatBytes(Uint8Array.of(bytes.length), bytes)
}

function uint64(value: number): Uint8Array {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
    return bytes
}

const isKind = (kind: string | undefined): kind is NoteKeyKind => kind !== undefined && kind in forms

const typedKey = ({ kind, publicKey }: NoteKey): Uint8Array => concatBytes(Uint8Array.of(forms[kind].type), publicKey)

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function refuseKey(rule: string): never {
    refuse("invalid", "checkpoint.key_malformed", `bad verifier key: ${rule}`)
}
