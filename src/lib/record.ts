/**
 * The exported record: every leaf of a signed tree as lines of JSON, and its judgement without any server.
 *
 * The head comes first, and each line carries only those hashes that the lines before it have not
 * authenticated yet: of all leaves together one hash a leaf. So a reader goes through once, holding
 * about log2(n) hashes, and the first line that is not what was signed is known by its index.
 * Every byte counts: a line that is not canonical JSON, whatever it says, is rejected.
 * docs/formats/record.md tells the format to whoever writes another reader.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js"
import { canonical, canonicalBytes, type Json, parseCanonical } from "./canonical.ts"
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
import { type Hash, leafHash, nodeHash, provesInclusion, type Range, same, siblingRanges } from "./merkle.ts"
import { Refusal, refuse } from "./refusal.ts"

export const recordFormat = "tocsin-record/1"
export const receiptFormat = "tocsin-receipt/1"

const saltBytes = 16

/** Longer lines are rejected. */
export const lineBytesMax = 1024 * 1024

/** What a leaf commits to: the hash of its canonical JSON is the leaf. */
export interface Leaf {
    /** RFC 3339, UTC. */
    readonly at: string
    readonly kind: string
    /** SHA-256 of the salt and the canonical body, in hex. */
    readonly commitment: string
}

/** What opens a commitment. Left out of an export for events that are sealed, or have been erased. */
export interface Opening {
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Json
}

/** A leaf as it is exported; `opening` is null where the body is withheld. */
export interface Entry extends Leaf {
    readonly index: number
    readonly opening: Opening | null
}

/** A signed head, and the key it is signed with, as texts. */
export interface Head {
    readonly origin: string
    /** `name+hash+base64`; the name is the origin. */
    readonly verifierKey: string
    /** A signed note with this key's signature and no other. */
    readonly checkpoint: string
}

/** To be passed instead of a key: the file is then sound in itself, and may be anybody's. */
export const believeTheFile = "believe the key in the file"

export interface Trust {
    readonly key: VerifierKey | typeof believeTheFile
    readonly verify: VerifySignature
}

export interface Accepted {
    readonly ok: true
    readonly format: typeof recordFormat | typeof receiptFormat
    readonly origin: string
    readonly verifierKey: string
    /** Whether that key was one the reader knew, and not just the file's own word. */
    readonly keyKnown: boolean
    /** Leaves of the tree. */
    readonly size: number
    /** In hex. */
    readonly root: string
    /** How many of the leaves in the file have their body withheld. */
    readonly withheld: number
}

export interface Rejected {
    readonly ok: false
    /** The first leaf at fault; null where the head is. */
    readonly index: number | null
    readonly code: string
    readonly why: string
}

export type Verdict = Accepted | Rejected

// --- Writing

/** SHA-256(salt ‖ canonical body). Of one length only: else salt and body could be cut apart in another place. */
export function commit(salt: Uint8Array, body: Json): Hash {
    if (salt.length !== saltBytes) throw new RangeError("a salt has 16 bytes")
    return sha256(concatBytes(salt, canonicalBytes(body)))
}

/** What is hashed into the tree. */
export function leafOf({ at, commitment, kind }: Leaf): Hash {
    return leafHash(canonicalBytes({ at, commitment, kind }))
}

/** The first line of an export, newline included. */
export function headLine(head: Head): string {
    return `${canonical({ format: recordFormat, ...headFields(head) })}\n`
}

/** The line of a leaf, newline included. `path`: the hashes of its ranges in `pathRanges`. */
export function entryLine(entry: Entry, path: readonly Hash[]): string {
    return `${canonical({ ...entryFields(entry), path: path.map(bytesToHex) })}\n`
}

/** For each leaf of a tree in order: the ranges whose hashes its line carries, the smallest first. */
export function* pathRanges(size: number): Generator<Range[], void> {
    const open: Range[] = size > 0 ? [{ start: 0, end: size }] : []
    for (let subtree = open.pop(); subtree !== undefined; subtree = open.pop()) {
        const siblings = siblingRanges(subtree)
        open.push(...siblings.toReversed())
        yield siblings
    }
}

/** A receipt: one leaf, and the proof (RFC 6962) that it is under a signed head. Newline included. */
export function receiptText(head: Head, entry: Entry, proof: readonly Hash[]): string {
    const fields = { format: receiptFormat, ...headFields(head), ...entryFields(entry) }
    return `${canonical({ ...fields, proof: proof.map(bytesToHex) })}\n`
}

function headFields({ origin, verifierKey, checkpoint }: Head): { [name: string]: Json } {
    return { origin, verifierKey, checkpoint }
}

function entryFields({ index, at, kind, commitment, opening }: Entry): { [name: string]: Json } {
    const fields = { index, at, kind, commitment }
    return opening === null ? fields : { ...fields, salt: opening.salt, body: opening.body }
}

// --- Judging. Everything from here on is in the hands of whoever made the file.

type Lines = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** A subtree that is known to stand under the signed root, of which no leaf has been read yet. */
interface Known {
    readonly range: Range
    readonly hash: Hash
}

/**
 * Judges a record or a receipt. Lines come as bytes, each with its newline (see `linesOf`). Throws only
 * what `lines` throws: everything wrong with the file is in the verdict.
 */
export async function verifyLines(lines: Lines, trust: Trust): Promise<Verdict> {
    let index: number | null = null
    try {
        let reading: Reading | null = null
        for await (const line of lines) {
            if (reading === null) {
                reading = start(readLine(line), trust)
            } else {
                index = reading.next
                takeLine(reading, line)
            }
        }
        if (reading === null) refuse("invalid", "record.empty", "there is nothing in it")
        index = reading.next
        if (reading.next < reading.leavesInFile) {
            refuse("invalid", "record.incomplete", `leaf \`${reading.next}\` is missing: the file ends before it`)
        }
        return reading.accepted
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, index, code: error.code, why: error.message }
    }
}

/** As `verifyLines`, of a whole export in memory. Its first byte to its last is judged. */
export async function verifyBytes(bytes: Uint8Array, trust: Trust): Promise<Verdict> {
    return await verifyLines(linesOf([bytes]), trust)
}

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

interface Reading {
    accepted: Accepted
    /** The leaf that the next line must be. */
    next: number
    /** Where the file must end: at its size for a record, at once for a receipt. */
    readonly leavesInFile: number
    /** The next to be read is the last. */
    readonly open: Known[]
}

function start(first: Fields, trust: Trust): Reading {
    if (first["format"] === receiptFormat)
        return { accepted: judgeReceipt(first, trust), next: 0, leavesInFile: 0, open: [] }
    if (first["format"] !== recordFormat) {
        refuse("invalid", "record.unknown_format", `this is neither \`${recordFormat}\` nor \`${receiptFormat}\``)
    }
    mustHave(first, ["checkpoint", "format", "origin", "verifierKey"])
    const { head, ...who } = judgeHead(first, trust)
    const { size, root } = head
    const accepted = { ok: true, format: recordFormat, ...who, size, root: bytesToHex(root), withheld: 0 } as const
    return { accepted, next: 0, leavesInFile: size, open: [{ range: { start: 0, end: size }, hash: root }] }
}

function takeLine(reading: Reading, line: Uint8Array): void {
    const subtree = reading.open.pop()
    if (subtree === undefined) refuse("invalid", "record.too_long", "more follows than was signed")
    const fields = readLine(line)
    const entry = readEntry(fields, ["path"])
    if (entry.index !== reading.next) {
        refuse("invalid", "record.out_of_place", `leaf \`${entry.index}\` stands where \`${reading.next}\` belongs`)
    }
    const path = hashes(fields["path"])
    const siblings = siblingRanges(subtree.range)
    const top = path.reduce(nodeHash, leafOf(entry))
    if (path.length !== siblings.length || !same(top, subtree.hash)) {
        refuse("invalid", "record.altered", `leaf \`${entry.index}\` is not what was signed`)
    }
    mustOpen(entry)
    for (const range of siblings.toReversed()) {
        const hash = path.pop()
        if (hash !== undefined) reading.open.push({ range, hash })
    }
    if (entry.opening === null) reading.accepted = { ...reading.accepted, withheld: reading.accepted.withheld + 1 }
    reading.next += 1
}

function judgeReceipt(fields: Fields, trust: Trust): Accepted {
    const entry = readEntry(fields, ["checkpoint", "format", "origin", "proof", "verifierKey"])
    const { head, ...who } = judgeHead(fields, trust)
    const { size, root } = head
    if (!provesInclusion(hashes(fields["proof"]), leafOf(entry), entry.index, size, root)) {
        refuse("invalid", "record.altered", `leaf \`${entry.index}\` is not what was signed`)
    }
    mustOpen(entry)
    const withheld = entry.opening === null ? 1 : 0
    return { ok: true, format: receiptFormat, ...who, size, root: bytesToHex(root), withheld }
}

function judgeHead(
    fields: Fields,
    trust: Trust,
): { head: Checkpoint; origin: string; verifierKey: string; keyKnown: boolean } {
    const [origin, verifierKey] = [text(fields, "origin"), text(fields, "verifierKey")]
    const note = text(fields, "checkpoint")
    const keyKnown = trust.key !== believeTheFile
    const key = trust.key === believeTheFile ? parseVerifierKey(verifierKey) : trust.key
    if (formatVerifierKey(key) !== verifierKey) {
        refuse("invalid", "record.other_key", "it names another key than the one to be trusted")
    }
    const head = parseCheckpoint(openNote(note, key, trust.verify))
    if (parseNote(note).signatures.length !== 1) {
        refuse("invalid", "record.more_signatures", "its head carries other signatures beside the log's own")
    }
    if (head.origin !== origin || key.name !== origin) {
        refuse("invalid", "record.other_origin", "its origin, key and head name different logs")
    }
    if (head.size === 0) refuse("invalid", "record.empty", "a head of no leaves proves nothing")
    return { head, origin, verifierKey, keyKnown }
}

/** A body that is shown must be the one that was committed to. */
function mustOpen({ index, commitment, opening }: Entry): void {
    if (opening === null) return
    if (bytesToHex(commit(hexToBytes(opening.salt), opening.body)) !== commitment) {
        refuse("invalid", "record.altered", `the body of leaf \`${index}\` is not what was signed`)
    }
}

type Fields = Readonly<Record<string, Json | undefined>>

function readLine(line: Uint8Array): Fields {
    if (line.length >= lineBytesMax) refuse("invalid", "record.malformed", "a line is too long")
    if (line.at(-1) !== 0x0a) refuse("invalid", "record.malformed", "a line does not end in a newline")
    const value = parseCanonical(decode(line.subarray(0, -1)))
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        refuse("invalid", "record.malformed", "a line is not a json object")
    }
    return value as Fields
}

function decode(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
        return refuse("invalid", "record.malformed", "a line is not utf-8")
    }
}

function readEntry(fields: Fields, others: readonly string[]): Entry {
    const opened = "salt" in fields || "body" in fields
    mustHave(fields, ["at", "commitment", "index", "kind", ...(opened ? ["body", "salt"] : []), ...others])
    const [index, commitment] = [fields["index"], fields["commitment"]]
    if (typeof index !== "number" || !Number.isSafeInteger(index) || !isHash(commitment)) fieldsWrong()
    const leaf = { index, at: text(fields, "at"), kind: text(fields, "kind"), commitment }
    const [salt, body] = [fields["salt"], fields["body"]]
    if (!opened) return { ...leaf, opening: null }
    if (!isHex(salt, saltBytes) || body === undefined) fieldsWrong()
    return { ...leaf, opening: { salt, body } }
}

function mustHave(fields: Fields, names: readonly string[]): void {
    const [has, wants] = [Object.keys(fields).sort(), [...names].sort()]
    if (has.length !== wants.length || has.some((name, i) => name !== wants[i])) fieldsWrong()
}

function text(fields: Fields, name: string): string {
    const value = fields[name]
    return typeof value === "string" ? value : fieldsWrong()
}

function hashes(value: Json | undefined): Hash[] {
    if (!Array.isArray(value) || !value.every(isHash)) fieldsWrong()
    return value.map((one) => hexToBytes(one))
}

function isHash(value: unknown): value is string {
    return isHex(value, 32)
}

function isHex(value: unknown, bytes: number): value is string {
    return typeof value === "string" && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value)
}

function fieldsWrong(): never {
    refuse("invalid", "record.malformed", "a line has not the fields of the format")
}
