/**
 * What exported files have in common: lines of canonical JSON, of which the first carries a signed head.
 *
 * Every byte counts: a line that is not canonical JSON, whatever it says, is rejected. Bodies stand behind salted
 * commitments, so that one can be held back, and cannot be guessed.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js"
import { canonicalBytes, type Json, parseCanonical } from "@tocsin/base/canonical"
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
import type { Hash } from "./merkle.ts"
import { refuse } from "@tocsin/base/refusal"

export const saltBytes = 16

/** Longer lines are rejected. */
export const lineBytesMax = 1024 * 1024

/** A signed head, and the key it is signed with, as texts. */
export interface Head {
    readonly origin: string
    /** `name+hash+base64`; the name is the origin. */
    readonly verifierKey: string
    /** A signed note with this key's signature and no other. */
    readonly checkpoint: string
}

/** To be passed instead of keys: the file is then sound in itself, and may be anybody's. */
export const believeTheFile = "believe the key in the file"

export interface Trust {
    /** The keys that the reader knows; a file is to be signed by one of them. */
    readonly keys: readonly VerifierKey[] | typeof believeTheFile
    readonly verify: VerifySignature
}

/** Whose file it is, as far as its head tells. */
export interface Signed {
    readonly origin: string
    readonly verifierKey: string
    /** Whether that key was one the reader knew, and not just the file's own word. */
    readonly keyKnown: boolean
}

/** SHA-256(salt ‖ canonical body). Of one length only: else salt and body could be cut apart in another place. */
export function commit(salt: Uint8Array, body: Json): Hash {
    if (salt.length !== saltBytes) throw new RangeError("a salt has 16 bytes")
    return sha256(concatBytes(salt, canonicalBytes(body)))
}

export function headFields({ origin, verifierKey, checkpoint }: Head): { [name: string]: Json } {
    return { origin, verifierKey, checkpoint }
}

// --- Reading. Everything from here on is in the hands of whoever made the file.

export type Lines = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export type Fields = Readonly<Record<string, Json | undefined>>

/** Cuts bytes into lines, each with its newline. A line beyond `lineBytesMax` is cut off there, and is the last. */
export async function* linesOf(chunks: Lines): AsyncGenerator<Uint8Array, void> {
    let parts: Uint8Array[] = []
    let length = 0
    for await (const chunk of chunks) {
        let from = 0
        while (from < chunk.length) {
            const newline = chunk.indexOf(0x0a, from)
            const part = chunk.subarray(from, newline < 0 ? chunk.length : newline + 1)
            parts.push(part)
            length += part.length
            from += part.length
            if (length > lineBytesMax) {
                yield concatBytes(...parts).slice(0, lineBytesMax)
                return
            }
            if (newline < 0) break
            yield concatBytes(...parts)
            ;[parts, length] = [[], 0]
        }
    }
    if (length > 0) yield concatBytes(...parts)
}

/** Throws `checkpoint.…` and `record.…` unless the head is signed by a key that is to be trusted, and by no other. */
export function judgeHead(fields: Fields, trust: Trust): { head: Checkpoint; who: Signed } {
    const [origin, verifierKey] = [text(fields, "origin"), text(fields, "verifierKey")]
    const note = text(fields, "checkpoint")
    const keyKnown = trust.keys !== believeTheFile
    const keys = trust.keys === believeTheFile ? [parseVerifierKey(verifierKey)] : trust.keys
    const key =
        keys.find((key) => formatVerifierKey(key) === verifierKey) ??
        refuse("invalid", "audit_log.key_mismatch", "it names another key than the one to be trusted")
    const head = parseCheckpoint(openNote(note, key, trust.verify))
    if (parseNote(note).signatures.length !== 1) {
        refuse("invalid", "audit_log.extra_signatures", "its head carries other signatures beside the log's own")
    }
    if (head.origin !== origin || key.name !== origin) {
        refuse("invalid", "audit_log.origin_mismatch", "its origin, key and head name different logs")
    }
    if (head.size === 0) refuse("invalid", "audit_log.empty", "a head of no leaves proves nothing")
    return { head, who: { origin, verifierKey, keyKnown } }
}

/** The object in a line. Throws `audit_log.malformed`, `canonical.…`. */
export function readLine(line: Uint8Array): Fields {
    if (line.length >= lineBytesMax) refuse("invalid", "audit_log.malformed", "a line is too long")
    if (line.at(-1) !== 0x0a) refuse("invalid", "audit_log.malformed", "a line does not end in a newline")
    const value = parseCanonical(decode(line.subarray(0, -1)))
    return isObject(value) ? value : refuse("invalid", "audit_log.malformed", "a line is not a json object")
}

export function isObject(value: Json | undefined): value is Fields & Json {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

function decode(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
        return refuse("invalid", "audit_log.malformed", "a line is not utf-8")
    }
}

/** These fields and no others. */
export function assertHas(fields: Fields, names: readonly string[]): void {
    const [has, wants] = [Object.keys(fields).sort(), [...names].sort()]
    if (has.length !== wants.length || has.some((name, i) => name !== wants[i])) fieldsWrong()
}

export function text(fields: Fields, name: string): string {
    const value = fields[name]
    return typeof value === "string" ? value : fieldsWrong()
}

/** A whole number from 0 on. */
export function count(fields: Fields, name: string): number {
    const value = fields[name]
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : fieldsWrong()
}

export function hashes(value: Json | undefined): Hash[] {
    if (!Array.isArray(value) || !value.every(isHash)) fieldsWrong()
    return value.map((item) => hexToBytes(item))
}

export function isHash(value: unknown): value is string {
    return isHex(value, 32)
}

export function isHex(value: unknown, bytes: number): value is string {
    return typeof value === "string" && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value)
}

export function fieldsWrong(): never {
    refuse("invalid", "audit_log.malformed", "a line has not the fields of the format")
}
