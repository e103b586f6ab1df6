/**
 * Reads and writes the exported audit log: every leaf of a signed tree as lines of JSON, verified without a server.
 *
 * The head is the first line. Each further line has only those hashes that earlier lines have not authenticated yet,
 * which is one hash for each leaf in total. So a reader goes through the file once, holds about log2(n) hashes, and
 * knows the index of the first wrong line. Every byte counts: a line that is not canonical JSON is rejected.
 * docs/reference/formats/audit-log.md specifies the format.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { canonical, type Json, parsePlain } from "@tocsin/base/canonical"
import { isHex } from "./hex.ts"
import { type Hash, leafHash, leafHashHex, nodeHashHex, type Range, siblingRanges } from "./merkle.ts"
import { type AcceptedReceipt, verifyReceipt, receiptFormat } from "./receipt.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import {
    commitHex,
    decodeLine,
    countField,
    type Fields,
    refuseFields,
    type SignedCheckpoint,
    hashesField,
    checkpointFields,
    isHash,
    verifySignedCheckpoint,
    type Lines,
    splitLines,
    assertFields,
    parseLine,
    readLine,
    saltBytes,
    type FileOrigin,
    textField,
    type Trust,
} from "./signed-note.ts"

/** The format identifier in the first line. */
export const exportFormat = "tocsin-audit-log/1"

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
export interface AcceptedExport extends FileOrigin {
    readonly ok: true
    readonly format: typeof exportFormat
    /** The number of leaves in the tree. */
    readonly size: number
    /** The root in hex. */
    readonly root: string
    /** The number of leaves whose body is withheld. */
    readonly withheld: number
}

/** The reason why a file was rejected. */
export interface Rejection {
    readonly ok: false
    /** The first wrong leaf; null if the head is wrong. */
    readonly index: number | null
    readonly code: string
    readonly reason: string
}

/** The result of verification. */
export type Verdict = AcceptedExport | AcceptedReceipt | Rejection

// --- Writing

/** Hashes a leaf. */
export function leafOf({ at, commitment, kind }: Leaf): Hash {
    return leafHash(canonical({ at, commitment, kind }))
}

/** Writes the first line of an export, including the newline. */
export function checkpointLine(checkpoint: SignedCheckpoint): string {
    return `${canonical({ format: exportFormat, ...checkpointFields(checkpoint) })}\n`
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
interface PendingSubtree {
    readonly range: Range
    /** In hex. */
    readonly hash: string
}

/**
 * Verifies an export or a receipt: lines as `splitLines` gives them. `onEntry` gets each
 * leaf of an export after its verification; the file may still be rejected later. Throws only what `lines` and
 * `onEntry` throw. Everything wrong with the file is in the verdict.
 */
export async function verifyLines(lines: Lines, trust: Trust, onEntry?: (entry: Entry) => void): Promise<Verdict> {
    let index: number | null = null
    try {
        let state: VerificationState | null = null
        for await (const group of lines) {
            for (const line of group) {
                if (state === null) {
                    state = startVerification(readLine(line), trust)
                    continue
                }
                // A receipt has no leaves to name.
                index = state.leavesInFile > 0 ? state.next : null
                const entry = verifyLine(state, line)
                onEntry?.(entry)
            }
        }
        if (state === null) refuse("invalid", "audit_log.empty", "the file is empty")
        index = state.next
        if (state.next < state.leavesInFile) {
            refuse("invalid", "audit_log.incomplete", `leaf \`${state.next}\` is missing: the file ends before it`)
        }
        return state.accepted
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, index, code: error.code, reason: error.message }
    }
}

/** Does what `verifyLines` does, for a whole export in memory, from its first byte to its last. */
export async function verifyBytes(bytes: Uint8Array, trust: Trust): Promise<Verdict> {
    return await verifyLines(splitLines([bytes]), trust)
}

interface VerificationState {
    accepted: AcceptedExport | AcceptedReceipt
    /** The index of the next leaf. */
    next: number
    /** The number of leaves in the file: the size of an export, 0 for a receipt. */
    readonly leavesInFile: number
    /** Subtrees to read; the last is next. */
    readonly open: PendingSubtree[]
}

function startVerification(first: Fields, trust: Trust): VerificationState {
    if (first["format"] === receiptFormat) {
        return { accepted: verifyReceipt(first, trust), next: 0, leavesInFile: 0, open: [] }
    }
    if (first["format"] !== exportFormat) {
        refuse(
            "invalid",
            "audit_log.unsupported_format",
            `unknown format: give a file of \`${exportFormat}\` or \`${receiptFormat}\``,
        )
    }
    assertFields(first, ["checkpoint", "format", "origin", "verifierKey"])
    const { checkpoint, signer } = verifySignedCheckpoint(first, trust)
    const { size, root } = checkpoint
    const accepted = { ok: true, format: exportFormat, ...signer, size, root: bytesToHex(root), withheld: 0 } as const
    return { accepted, next: 0, leavesInFile: size, open: [{ range: { start: 0, end: size }, hash: accepted.root }] }
}

function verifyLine(state: VerificationState, line: Uint8Array): Entry {
    const subtree = state.open.pop()
    if (subtree === undefined)
        refuse("invalid", "audit_log.too_long", "the file has more lines than its checkpoint covers")
    const { entry, path, leaf, body } = readEntry(line, state.next)
    const siblings = siblingRanges(subtree.range)
    const top = path.reduce(nodeHashHex, leafHashHex(leaf))
    if (path.length !== siblings.length || top !== subtree.hash) {
        refuse("invalid", "audit_log.altered", `leaf \`${entry.index}\` differs from the signed tree`)
    }
    assertBodyMatches(entry, body)
    for (const range of siblings.toReversed()) {
        const hash = path.pop()
        if (hash !== undefined) state.open.push({ range, hash })
    }
    const { accepted } = state
    if (entry.opening === null && accepted.format === exportFormat) {
        state.accepted = { ...accepted, withheld: accepted.withheld + 1 }
    }
    state.next += 1
    return entry
}

/** Refuses `audit_log.altered` if a body, given as canonical JSON, does not fit its commitment. */
function assertBodyMatches({ index, commitment, opening }: Entry, body: string): void {
    if (opening === null) return
    if (commitHex(opening.salt, body) !== commitment) {
        refuse("invalid", "audit_log.altered", `the body of leaf \`${index}\` differs from the signed tree`)
    }
}

/** The line of a leaf. */
interface EntryLine {
    readonly entry: Entry
    /** In hex. */
    readonly path: string[]
    /** The leaf as canonical JSON. */
    readonly leaf: string
    /** The body as canonical JSON; empty if it is withheld. */
    readonly body: string
}

function readEntry(line: Uint8Array, index: number): EntryLine {
    const text = decodeLine(line)
    return readPlainEntry(text, index) ?? readAnyEntry(parseLine(text), index)
}

const plainText = String.raw`"([^"\\\0-\x1f]*)"`
/**
 * A line as `entryLine` writes it, where JSON escapes nothing of `at` and `kind`. The path has no colon, so that a body
 * that repeats the parts after it is not read to its end for each.
 */
const plainLine = new RegExp(
    String.raw`^{"at":${plainText},(?:"body":(.+?),)?"commitment":"([^"]*)","index":(\d+),"kind":${plainText},` +
        String.raw`"path":\[([^\]:]*)\](?:,"salt":"([^"]*)")?}$`,
)

/**
 * Reads a line several times faster than `readAnyEntry` does, because only its body is parsed as JSON. Null where this
 * does not show that the line is sound: `readAnyEntry` decides then.
 */
function readPlainEntry(text: string, index: number): EntryLine | null {
    const [whole, at = "", body, commitment, digits, kind = "", hashes = "", salt] = plainLine.exec(text) ?? []
    if (whole === undefined || digits !== String(index) || !isHash(commitment)) return null
    const path = parsePlainHashes(hashes)
    if (path === null) return null
    const leaf = `{"at":"${at}","commitment":"${commitment}","kind":"${kind}"}`
    const fields = { index, at, kind, commitment }
    if (body === undefined && salt === undefined) return { entry: { ...fields, opening: null }, path, leaf, body: "" }
    const value = body === undefined ? undefined : parsePlain(body, 1)
    if (body === undefined || value === undefined || !isHex(salt, saltBytes)) return null
    return { entry: { ...fields, opening: { salt, body: value } }, path, leaf, body }
}

/** Reads hashes in hex, each in quotes, with commas between them; null for any other text. */
function parsePlainHashes(text: string): string[] | null {
    if (text === "") return []
    const hashes = text.slice(1, -1).split('","')
    return text.startsWith('"') && text.endsWith('"') && hashes.every(isHash) ? hashes : null
}

function readAnyEntry(fields: Fields, next: number): EntryLine {
    const hasBody = "salt" in fields || "body" in fields
    assertFields(fields, ["at", "commitment", "index", "kind", "path", ...(hasBody ? ["body", "salt"] : [])])
    const [at, kind, index] = [textField(fields, "at"), textField(fields, "kind"), countField(fields, "index")]
    const { commitment } = fields
    if (!isHash(commitment)) refuseFields()
    const opening = hasBody ? openingOf(fields) : null
    if (index !== next)
        refuse("invalid", "audit_log.out_of_place", `leaf \`${index}\` is in the place of leaf \`${next}\``)
    return {
        entry: { index, at, kind, commitment, opening },
        path: hashesField(fields, "path"),
        leaf: canonical({ at, commitment, kind }),
        body: opening === null ? "" : canonical(opening.body),
    }
}

function openingOf({ salt, body }: Fields): Opening {
    if (!isHex(salt, saltBytes) || body === undefined) refuseFields()
    return { salt, body }
}
