/**
 * Reads and writes the exported audit log: every leaf of a signed tree as lines of JSON, verified without a server.
 *
 * The head is the first line. Each further line has only those hashes that earlier lines have not authenticated yet,
 * which is one hash for each leaf in total. So a reader goes through the file once, holds about log2(n) hashes, and
 * knows the index of the first wrong line. Every byte counts: a line that is not canonical JSON is rejected.
 * docs/reference/formats/audit-log.md specifies the format.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { canonical, canonicalBytes, type Json } from "@tocsin/base/canonical"
import { type Hash, leafHash, nodeHash, type Range, same, siblingRanges } from "./merkle.ts"
import { type AcceptedReceipt, judgeReceipt, receiptFormat } from "./receipt.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import {
    commit,
    count,
    type Fields,
    fieldsWrong,
    type Head,
    hashes,
    headFields,
    isHash,
    isHex,
    judgeHead,
    type Lines,
    linesOf,
    assertHas,
    readLine,
    saltBytes,
    type Signed,
    text,
    type Trust,
} from "./signed-note.ts"

/** The format identifier in the first line. */
export const recordFormat = "tocsin-audit-log/1"

/** The content of a leaf. The hash of its canonical JSON is the leaf. */
export interface Leaf {
    /** RFC 3339, UTC. */
    readonly at: string
    readonly kind: string
    /** SHA-256 of the salt and the canonical body, in hex. */
    readonly commitment: string
}

/**
 * The salt and body behind a commitment. An export omits it for confidential events, and for events whose body was
 * erased.
 */
export interface Opening {
    /** 16 bytes in hex. */
    readonly salt: string
    readonly body: Json
}

/** A leaf in an export; `opening` is null if the body is withheld. */
export interface Entry extends Leaf {
    readonly index: number
    readonly opening: Opening | null
}

/** An export that was verified. */
export interface AcceptedRecord extends Signed {
    readonly ok: true
    readonly format: typeof recordFormat
    /** The number of leaves in the tree. */
    readonly size: number
    /** The root in hex. */
    readonly root: string
    /** The number of leaves whose body is withheld. */
    readonly withheld: number
}

/** The reason why a file was rejected. */
export interface Rejected {
    readonly ok: false
    /** The first wrong leaf; null if the head is wrong. */
    readonly index: number | null
    readonly code: string
    readonly reason: string
}

/** The result of verification. */
export type Verdict = AcceptedRecord | AcceptedReceipt | Rejected

// --- Writing

/** Hashes a leaf. */
export function leafOf({ at, commitment, kind }: Leaf): Hash {
    return leafHash(canonicalBytes({ at, commitment, kind }))
}

/** Writes the first line of an export, including the newline. */
export function headLine(head: Head): string {
    return `${canonical({ format: recordFormat, ...headFields(head) })}\n`
}

/** Writes the line of a leaf, including the newline. `path` has the hashes of its ranges in `pathRanges`. */
export function entryLine(entry: Entry, path: readonly Hash[]): string {
    return `${canonical({ ...entryFields(entry), path: path.map(bytesToHex) })}\n`
}

/** Lists for each leaf, in order, the ranges whose hashes its line contains, smallest first. */
export function* pathRanges(size: number): Generator<Range[], void> {
    const open: Range[] = size > 0 ? [{ start: 0, end: size }] : []
    for (let subtree = open.pop(); subtree !== undefined; subtree = open.pop()) {
        const siblings = siblingRanges(subtree)
        open.push(...siblings.toReversed())
        yield siblings
    }
}

function entryFields({ index, at, kind, commitment, opening }: Entry): { [name: string]: Json } {
    const fields = { index, at, kind, commitment }
    return opening === null ? fields : { ...fields, salt: opening.salt, body: opening.body }
}

// --- Verification. From here on, the input comes from the file's author and is not trusted.

/** A subtree that is known to be under the signed root. None of its leaves has been read yet. */
interface Known {
    readonly range: Range
    readonly hash: Hash
}

/**
 * Verifies an export or a receipt. Lines are bytes, each with its newline (see `linesOf`). `see` gets each leaf of an
 * export after its verification; the file may still be rejected later. Throws only what `lines` and `see` throw.
 * Everything wrong with the file is in the verdict.
 */
export async function verifyLines(lines: Lines, trust: Trust, see?: (entry: Entry) => void): Promise<Verdict> {
    let index: number | null = null
    try {
        let reading: Reading | null = null
        for await (const line of lines) {
            if (reading === null) {
                reading = start(readLine(line), trust)
            } else {
                index = reading.next
                const entry = takeLine(reading, line)
                see?.(entry)
            }
        }
        if (reading === null) refuse("invalid", "audit_log.empty", "the file is empty")
        index = reading.next
        if (reading.next < reading.leavesInFile) {
            refuse("invalid", "audit_log.incomplete", `leaf \`${reading.next}\` is missing: the file ends before it`)
        }
        return reading.accepted
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, index, code: error.code, reason: error.message }
    }
}

/** Does what `verifyLines` does, for a whole export in memory, from its first byte to its last. */
export async function verifyBytes(bytes: Uint8Array, trust: Trust): Promise<Verdict> {
    return await verifyLines(linesOf([bytes]), trust)
}

interface Reading {
    accepted: AcceptedRecord | AcceptedReceipt
    /** The index of the next leaf. */
    next: number
    /** The number of leaves in the file: the size of an export, 0 for a receipt. */
    readonly leavesInFile: number
    /** Subtrees to read; the last is next. */
    readonly open: Known[]
}

function start(first: Fields, trust: Trust): Reading {
    if (first["format"] === receiptFormat) {
        return { accepted: judgeReceipt(first, trust), next: 0, leavesInFile: 0, open: [] }
    }
    if (first["format"] !== recordFormat) {
        refuse(
            "invalid",
            "audit_log.unsupported_format",
            `this is neither \`${recordFormat}\` nor \`${receiptFormat}\``,
        )
    }
    assertHas(first, ["checkpoint", "format", "origin", "verifierKey"])
    const { head, who: person } = judgeHead(first, trust)
    const { size, root } = head
    const accepted = { ok: true, format: recordFormat, ...person, size, root: bytesToHex(root), withheld: 0 } as const
    return { accepted, next: 0, leavesInFile: size, open: [{ range: { start: 0, end: size }, hash: root }] }
}

function takeLine(reading: Reading, line: Uint8Array): Entry {
    const subtree = reading.open.pop()
    if (subtree === undefined) refuse("invalid", "audit_log.too_long", "the file has more lines than were signed")
    const fields = readLine(line)
    const entry = readEntry(fields, ["path"])
    if (entry.index !== reading.next) {
        refuse(
            "invalid",
            "audit_log.out_of_place",
            `leaf \`${entry.index}\` is at the place of leaf \`${reading.next}\``,
        )
    }
    const path = hashes(fields["path"])
    const siblings = siblingRanges(subtree.range)
    const top = path.reduce(nodeHash, leafOf(entry))
    if (path.length !== siblings.length || !same(top, subtree.hash)) {
        refuse("invalid", "audit_log.altered", `leaf \`${entry.index}\` is not what was signed`)
    }
    assertOpens(entry)
    for (const range of siblings.toReversed()) {
        const hash = path.pop()
        if (hash !== undefined) reading.open.push({ range, hash })
    }
    const { accepted } = reading
    if (entry.opening === null && accepted.format === recordFormat) {
        reading.accepted = { ...accepted, withheld: accepted.withheld + 1 }
    }
    reading.next += 1
    return entry
}

/** Refuses `audit_log.altered` if a body does not fit its commitment. */
function assertOpens({ index, commitment, opening }: Entry): void {
    if (opening === null) return
    if (bytesToHex(commit(hexToBytes(opening.salt), opening.body)) !== commitment) {
        refuse("invalid", "audit_log.altered", `the body of leaf \`${index}\` is not what was signed`)
    }
}

function readEntry(fields: Fields, others: readonly string[]): Entry {
    const opened = "salt" in fields || "body" in fields
    assertHas(fields, ["at", "commitment", "index", "kind", ...(opened ? ["body", "salt"] : []), ...others])
    const { commitment } = fields
    if (!isHash(commitment)) fieldsWrong()
    const leaf = { index: count(fields, "index"), at: text(fields, "at"), kind: text(fields, "kind"), commitment }
    const { salt, body } = fields
    if (!opened) return { ...leaf, opening: null }
    if (!isHex(salt, saltBytes) || body === undefined) fieldsWrong()
    return { ...leaf, opening: { salt, body } }
}
