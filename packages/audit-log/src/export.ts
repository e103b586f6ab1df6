/**
 * The exported record: every leaf of a signed tree as lines of JSON, and its judgement without any server.
 *
 * The head comes first, and each line carries only those hashes that the lines before it have not
 * authenticated yet: of all leaves together one hash a leaf. So a reader goes through once, holding
 * about log2(n) hashes, and the first line that is not what was signed is known by its index.
 * Every byte counts: a line that is not canonical JSON, whatever it says, is rejected.
 * docs/reference/formats/audit-log.md tells the format to whoever writes another reader.
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

export const recordFormat = "tocsin-audit-log/1"

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

export interface AcceptedRecord extends Signed {
    readonly ok: true
    readonly format: typeof recordFormat
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

export type Verdict = AcceptedRecord | AcceptedReceipt | Rejected

// --- Writing

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

function entryFields({ index, at, kind, commitment, opening }: Entry): { [name: string]: Json } {
    const fields = { index, at, kind, commitment }
    return opening === null ? fields : { ...fields, salt: opening.salt, body: opening.body }
}

// --- Judging. Everything from here on is in the hands of whoever made the file.

/** A subtree that is known to stand under the signed root, of which no leaf has been read yet. */
interface Known {
    readonly range: Range
    readonly hash: Hash
}

/**
 * Judges a record or a receipt. Lines come as bytes, each with its newline (see `linesOf`). `see` is handed each leaf
 * of a record once it was found to be what was signed; the file may still be rejected further on. Throws only what
 * `lines` and `see` throw: everything wrong with the file is in the verdict.
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
        if (reading === null) refuse("invalid", "audit_log.empty", "there is nothing in it")
        index = reading.next
        if (reading.next < reading.leavesInFile) {
            refuse("invalid", "audit_log.incomplete", `leaf \`${reading.next}\` is missing: the file ends before it`)
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

interface Reading {
    accepted: AcceptedRecord | AcceptedReceipt
    /** The leaf that the next line must be. */
    next: number
    /** Where the file must end: at its size for a record, at once for a receipt. */
    readonly leavesInFile: number
    /** The next to be read is the last. */
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
    if (subtree === undefined) refuse("invalid", "audit_log.too_long", "more follows than was signed")
    const fields = readLine(line)
    const entry = readEntry(fields, ["path"])
    if (entry.index !== reading.next) {
        refuse("invalid", "audit_log.out_of_place", `leaf \`${entry.index}\` stands where \`${reading.next}\` belongs`)
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

/** A body that is shown must be the one that was committed to. */
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
