/**
 * Which leaf of a record a receipt belongs to, and whether both were told of the same past.
 *
 * The record names each commitment that was given out, and each batch that holds one. A batch carries a commitment to
 * the head that the record had then: a record that was written anew, and signed again, does not fit it. The record is
 * read twice, since only its later leaves say which earlier size a batch was anchored at.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Json } from "@tocsin/base/canonical"
import { append, type Hash, nodeHash } from "./merkle.ts"
import { type AcceptedReceipt, anchorOf } from "./receipt.ts"
import { type AcceptedRecord, type Entry, leafOf, verifyLines } from "./export.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Fields, isHash, isHex, isObject, type Lines, saltBytes, type Trust } from "./signed-note.ts"

/** The kind of leaf that tells of a batch. */
export const batchKind = "receipts.batched"

/** What such a leaf says. */
export interface BatchNamed {
    /** The origin of the log of batches. */
    readonly log: string
    readonly batch: number
    /** Of the batch, in hex. */
    readonly root: string
    /** Of the log of batches, once this one is in it, in hex. */
    readonly head: string
    /** How many leaves this record had under its newest head then; 0 if it had none. */
    readonly anchored: number
    /** What opens the batch's anchor, 16 bytes in hex. */
    readonly anchorSalt: string
}

export interface Bound {
    readonly ok: true
    /** The leaf of the record. */
    readonly leaf: number
}

export interface Unbound {
    readonly ok: false
    readonly code: string
    readonly why: string
}

interface Found {
    leaf: number | null
    named: BatchNamed | null
    /** Another root of the log of batches, at the size of the receipt's head. */
    forked: boolean
}

/**
 * Where the receipts belong in an accepted record, in the order in which they come. `open` reads the record anew each
 * time. A refusal says `receipt.not_recorded`, `receipt.batch_mismatch`, `receipt.log_mismatch` or `receipt.history_mismatch`.
 */
export async function bindReceipts(
    record: AcceptedRecord,
    open: () => Lines,
    receipts: readonly AcceptedReceipt[],
    trust: Trust,
): Promise<(Bound | Unbound)[]> {
    const list = receipts.map((receipt) => ({ receipt, found: { leaf: null, named: null, forked: false } as Found }))
    await readAgain(record, open, trust, (entry) => list.forEach((item) => look(entry, item.receipt, item.found)))
    const sizes = new Set(list.flatMap(({ found }) => (found.named === null ? [] : [found.named.anchored])))
    const roots = new Map<number, Hash>()
    let edge: Hash[] = []
    await readAgain(record, open, trust, (entry) => {
        edge = append(entry.index, leafOf(entry), edge).edge
        if (sizes.has(entry.index + 1))
            roots.set(
                entry.index + 1,
                edge.reduceRight((right, left) => nodeHash(left, right)),
            )
    })
    return list.map(({ receipt, found }) => judged(() => bind(record.origin, receipt, found, roots)))
}

async function readAgain(record: AcceptedRecord, open: () => Lines, trust: Trust, see: (entry: Entry) => void) {
    const verdict = await verifyLines(open(), trust, see)
    const same = verdict.ok && verdict.format === record.format && verdict.root === record.root
    if (!same) throw new Error("the record has changed while it was read")
}

function look({ index, kind, opening }: Entry, receipt: AcceptedReceipt, found: Found): void {
    if (opening === null || !isObject(opening.body)) return
    if (opening.body["receipt"] === receipt.commitment) found.leaf ??= index
    const named = kind === batchKind ? batchNamed(opening.body) : null
    if (named === null || named.log !== receipt.origin) return
    if (named.batch === receipt.index) found.named ??= named
    if (named.batch + 1 === receipt.size && named.head !== receipt.root) found.forked = true
}

/** Null where the leaf does not say what it should: then it names no batch. */
function batchNamed(body: Fields): BatchNamed | null {
    const { log, batch, root, head, anchored, anchorSalt } = body
    const sound = typeof log === "string" && isCount(batch) && isHash(root) && isHash(head)
    if (!sound || !isCount(anchored) || !isHex(anchorSalt, saltBytes)) return null
    return { log, batch, root, head, anchored, anchorSalt }
}

function isCount(value: Json | undefined): value is number {
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}

function bind(origin: string, receipt: AcceptedReceipt, found: Found, roots: ReadonlyMap<number, Hash>): number {
    const { leaf, named, forked } = found
    if (leaf === null)
        refuse("conflict", "receipt.not_recorded", "no leaf of the record names it: it is of another one, or younger")
    if (named === null || named.root !== receipt.batch.root) {
        refuse("conflict", "receipt.batch_mismatch", `the record does not name its batch, number \`${receipt.index}\``)
    }
    if (forked) refuse("conflict", "receipt.log_mismatch", "its head and the record name different logs of batches")
    const root = roots.get(named.anchored)
    const head = root === undefined ? null : { origin, size: named.anchored, root }
    const fits = bytesToHex(anchorOf(hexToBytes(named.anchorSalt), head)) === receipt.batch.anchor
    const isThere = head !== null || named.anchored === 0
    if (!fits || !isThere) {
        refuse("conflict", "receipt.history_mismatch", "its batch was anchored in another record than this one")
    }
    return leaf
}

function judged(work: () => number): Bound | Unbound {
    try {
        return { ok: true, leaf: work() }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, code: error.code, why: error.message }
    }
}
