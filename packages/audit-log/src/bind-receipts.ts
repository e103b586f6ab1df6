/**
 * Finds the leaf of an audit log that a receipt belongs to, and checks that both have the same history.
 *
 * The audit log names each commitment that was given out, and each batch that contains one. A batch commits to the
 * checkpoint that the audit log had then. An audit log that was rewritten and signed again does not fit it. The export
 * is read twice, because only later leaves say at which size a batch was anchored.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Json } from "@tocsin/base/canonical"
import { append, type Hash, nodeHash } from "./merkle.ts"
import { type AcceptedReceipt, anchorOf } from "./receipt.ts"
import { type AcceptedRecord, type Entry, leafOf, verifyLines } from "./export.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Fields, isHash, isHex, isObject, type Lines, saltBytes, type Trust } from "./signed-note.ts"

/** The kind of the leaf that names a batch. */
export const batchKind = "receipts.batched"

/** The body of such a leaf. */
export interface BatchNamed {
    /** The origin of the log of batches. */
    readonly log: string
    readonly batch: number
    /** The root of the batch, in hex. */
    readonly root: string
    /** The root of the log of batches after this batch was added, in hex. */
    readonly head: string
    /** The number of leaves of the audit log at its newest checkpoint then; 0 if there was none. */
    readonly anchored: number
    /** The salt that opens the batch's anchor, 16 bytes in hex. */
    readonly anchorSalt: string
}

/** A receipt that belongs to a leaf. */
export interface Bound {
    readonly ok: true
    /** The leaf of the audit log. */
    readonly leaf: number
}

/** A receipt that belongs to no leaf, with the reason. */
export interface Unbound {
    readonly ok: false
    readonly code: string
    readonly reason: string
}

interface Found {
    leaf: number | null
    named: BatchNamed | null
    /** Whether the audit log names another root of the log of batches at the size of the receipt's head. */
    forked: boolean
}

/**
 * Finds the leaves of receipts in an accepted export, in the order of the receipts. `open` opens the export again each
 * time. The codes of failure are `receipt.not_recorded`, `receipt.batch_mismatch`, `receipt.log_mismatch` and
 * `receipt.history_mismatch`.
 */
export async function bindReceipts(
    record: AcceptedRecord,
    open: () => Lines,
    receipts: readonly AcceptedReceipt[],
    trust: Trust,
): Promise<(Bound | Unbound)[]> {
    const list = receipts.map((receipt) => ({ receipt, found: { leaf: null, named: null, forked: false } as Found }))
    await readAgain(record, open, trust, (entry) => list.forEach(({ receipt, found }) => look(entry, receipt, found)))
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

/** Reads the batch that a leaf names; null if the body has the wrong form. */
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
        return { ok: false, code: error.code, reason: error.message }
    }
}
