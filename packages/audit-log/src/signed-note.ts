/**
 * Reads the common parts of exported files: lines of canonical JSON, the first of which has a signed checkpoint.
 *
 * Every byte counts: a line that is not canonical JSON is rejected. Bodies are behind salted commitments, so that a
 * body can be withheld and not be guessed.
 */
import { sha256, sha256Hex } from "#sha256"
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js"
import { canonical, type Json, parseCanonical } from "@tocsin/base/canonical"
import {
    type Checkpoint,
    formatVerifierKey,
    openNote,
    parseCheckpoint,
    parseNote,
    parseVerifierKey,
    type VerifierKey,
    type VerifySignature,
} from "./checkpoint.ts"
import { isHex, writeHex } from "./hex.ts"
import type { Hash } from "./merkle.ts"
import { refuse } from "@tocsin/base/refusal"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The size of a salt in bytes. */
export const saltBytes = 16

/** The most bytes in a line. Longer lines are rejected. */
export const lineBytesMax = 1024 * 1024

/** A signed checkpoint with its verifier key, as texts. */
export interface SignedCheckpoint {
    readonly origin: string
    /** The key as `name+hash+base64`; the name is the origin. */
    readonly verifierKey: string
    /** A signed note with exactly one signature, of this key. */
    readonly checkpoint: string
}

/**
 * Replaces the list of keys: any key that the file names is accepted. The file is then valid in itself, but its
 * author is unknown.
 */
export const trustAnyKey = "believe the key in the file"

/** The keys to trust, and the function that verifies signatures. */
export interface Trust {
    /** The keys that the reader knows; one of them must have signed the file. */
    readonly keys: readonly VerifierKey[] | typeof trustAnyKey
    readonly verify: VerifySignature
}

/** The origin of a file, according to its checkpoint. */
export interface FileOrigin {
    readonly origin: string
    readonly verifierKey: string
    /** Whether the reader knew the key. Otherwise only the file names it. */
    readonly keyKnown: boolean
}

/**
 * Computes SHA-256(salt ‖ canonical body). The salt has a fixed length, so that its border with the body is
 * unambiguous. Throws a RangeError for another length.
 */
export function commit(salt: Uint8Array, body: Json): Hash {
    if (salt.length !== saltBytes) throw new RangeError("the salt has a wrong length: give 16 bytes")
    return sha256(saltedText(bytesToHex(salt), canonical(body)))
}

/** Does what `commit` does in hex, for a checked salt in hex, and a body that is canonical JSON already. */
export function commitHex(salt: string, body: string): string {
    return sha256Hex(saltedText(salt, body))
}

/** Room for most bodies: a new array for each would take longer than its hash. */
const scratch = new Uint8Array(4096)

/** Joins the salt and the UTF-8 of the body, until the next call. */
function saltedText(salt: string, body: string): Uint8Array {
    // A unit of UTF-16 has at most three bytes in UTF-8.
    const lengthMax = saltBytes + body.length * 3
    const bytes = lengthMax > scratch.length ? new Uint8Array(lengthMax) : scratch
    writeHex(salt, bytes, 0)
    const { written } = encoder.encodeInto(body, bytes.subarray(saltBytes))
    return bytes.subarray(0, saltBytes + written)
}

/** Lists the fields of a head for the first line of a file. */
export function checkpointFields({ origin, verifierKey, checkpoint }: SignedCheckpoint): { [name: string]: Json } {
    return { origin, verifierKey, checkpoint }
}

// --- Reading. From here on, the input comes from the file's author and is not trusted.

/** The bytes of a file, in any pieces. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** Lines in groups, because waiting for each would take longer than its verification. */
export type Lines = AsyncIterable<readonly Uint8Array[]>

/** A JSON object that was read strictly, with fields that are not checked yet. */
export type Fields = Readonly<Record<string, Json | undefined>>

/** The most lines in a group. */
const groupMax = 256

/**
 * Splits bytes into lines, each with its newline, in groups. A line longer than `lineBytesMax` is cut there and is the
 * last.
 */
export async function* splitLines(chunks: Chunks): AsyncGenerator<Uint8Array[], void> {
    let group: Uint8Array[] = []
    let parts: Uint8Array[] = []
    let length = 0
    for await (const chunk of chunks) {
        for (let from = 0; from < chunk.length;) {
            const newline = chunk.indexOf(0x0a, from)
            const part = chunk.subarray(from, newline < 0 ? chunk.length : newline + 1)
            parts.push(part)
            length += part.length
            from += part.length
            if (length > lineBytesMax) {
                yield [...group, joined(parts).slice(0, lineBytesMax)]
                return
            }
            if (newline < 0) break
            group.push(joined(parts))
            ;[parts, length] = [[], 0]
            if (group.length === groupMax) {
                yield group
                group = []
            }
        }
        if (group.length > 0) yield group
        group = []
    }
    if (length > 0) yield [joined(parts)]
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
    const [first] = parts
    return first !== undefined && parts.length === 1 ? first : concatBytes(...parts)
}

/**
 * Checks the head of a file. Refuses codes `checkpoint.…` and `audit_log.…` unless a trusted key signed the head, and
 * no other key did.
 */
export function verifySignedCheckpoint(fields: Fields, trust: Trust): { checkpoint: Checkpoint; signer: FileOrigin } {
    const [origin, verifierKey] = [textField(fields, "origin"), textField(fields, "verifierKey")]
    const note = textField(fields, "checkpoint")
    const keyKnown = trust.keys !== trustAnyKey
    const keys = trust.keys === trustAnyKey ? [parseVerifierKey(verifierKey)] : trust.keys
    const key =
        keys.find((key) => formatVerifierKey(key) === verifierKey) ??
        refuse(
            "invalid",
            "audit_log.key_mismatch",
            "the file names another key than the one that you trust: get the file and the key from the operator",
        )
    const checkpoint = parseCheckpoint(openNote(note, key, trust.verify))
    if (parseNote(note).signatures.length !== 1) {
        refuse("invalid", "audit_log.extra_signatures", "its checkpoint has signatures of other keys")
    }
    if (checkpoint.origin !== origin || key.name !== origin) {
        refuse("invalid", "audit_log.origin_mismatch", "its origin, its key and its checkpoint name different logs")
    }
    if (checkpoint.size === 0)
        refuse("invalid", "audit_log.empty", "its checkpoint covers no leaves, so it proves nothing")
    return { checkpoint, signer: { origin, verifierKey, keyKnown } }
}

/** Reads the JSON object in a line. Refuses `audit_log.malformed` and codes `canonical.…`. */
export function readLine(line: Uint8Array): Fields {
    return parseLine(decodeLine(line))
}

/** Decodes a line, and removes its newline. Refuses `audit_log.malformed`. */
export function decodeLine(line: Uint8Array): string {
    if (line.length >= lineBytesMax) refuse("invalid", "audit_log.malformed", "a line is too long")
    if (line.at(-1) !== 0x0a) refuse("invalid", "audit_log.malformed", "a line does not end in a newline")
    try {
        return decoder.decode(line.subarray(0, -1))
    } catch {
        return refuse("invalid", "audit_log.malformed", "a line is not UTF-8")
    }
}

/** Reads the JSON object in a line's text. Refuses `audit_log.malformed` and codes `canonical.…`. */
export function parseLine(text: string): Fields {
    const value = parseCanonical(text)
    return isObject(value) ? value : refuse("invalid", "audit_log.malformed", "a line is not a JSON object")
}

/** Checks for a JSON object. */
export function isObject(value: Json | undefined): value is Fields & Json {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Refuses `audit_log.malformed` unless the object has exactly these fields. */
export function assertFields(fields: Fields, names: readonly string[]): void {
    const [found, expected] = [Object.keys(fields).sort(), [...names].sort()]
    if (found.length !== expected.length || found.some((name, i) => name !== expected[i])) refuseFields()
}

/** Reads a text field. Refuses `audit_log.malformed`. */
export function textField(fields: Fields, name: string): string {
    const value = fields[name]
    return typeof value === "string" ? value : refuseFields()
}

/** Reads a whole number from 0. Refuses `audit_log.malformed`. */
export function countField(fields: Fields, name: string): number {
    const value = fields[name]
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : refuseFields()
}

/** Reads an array of hashes in hex. Refuses `audit_log.malformed`. */
export function hashesField(fields: Fields, name: string): string[] {
    const value = fields[name]
    return Array.isArray(value) && value.every(isHash) ? value : refuseFields()
}

/** Checks for a SHA-256 hash in hex. */
export function isHash(value: unknown): value is string {
    return isHex(value, 32)
}

/** Refuses `audit_log.malformed` for wrong fields. */
export function refuseFields(): never {
    refuse("invalid", "audit_log.malformed", "a line has missing, unknown or malformed fields")
}
