/**
 * Finds the leaf of an audit log that a receipt belongs to, and checks that both have the same history.
 *
 * The audit log names each commitment that was given out, and each batch that contains one. A batch commits to the
 * checkpoint that the audit log had then. An audit log that was rewritten and signed again does not fit it. The export
 * is read twice, because only later leaves say at which size a batch was anchored.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import type { Json } from "@tocsin/base/canonical"
import { isHex } from "./hex.ts"
import { append, type Hash, nodeHash } from "./merkle.ts"
import { type AcceptedReceipt, anchorOf } from "./receipt.ts"
import { type AcceptedExport, type Entry, leafOf, verifyLines } from "./export.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type Fields, isHash, isObject, type Lines, saltBytes, type Trust } from "./signed-note.ts"

/** The kind of the leaf that names a batch. */
export const batchKind = "receipts.batched"

/** The body of such a leaf. */
export interface BatchLeafBody {
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
export interface BoundReceipt {
    readonly ok: true
    /** The leaf of the audit log. */
    readonly leaf: number
}

/** A receipt that belongs to no leaf, with the reason. */
export interface UnboundReceipt {
    readonly ok: false
    readonly code: string
    readonly reason: string
}

interface ReceiptSearch {
    leaf: number | null
    batch: BatchLeafBody | null
    /** Whether the audit log names another root of the log of batches at the size of the receipt's head. */
    forked: boolean
}

/**
 * Finds the leaves of receipts in an accepted export, in the order of the receipts. `openExport` opens the export
 * again each time. The codes of failure are `receipt.not_recorded`, `receipt.batch_mismatch`, `receipt.log_mismatch`
 * and `receipt.history_mismatch`.
 */
export async function bindReceipts(
    auditLog: AcceptedExport,
    openExport: () => Lines,
    receipts: readonly AcceptedReceipt[],
    trust: Trust,
): Promise<(BoundReceipt | UnboundReceipt)[]> {
    const list = receipts.map((receipt) => ({
        receipt,
        search: { leaf: null, batch: null, forked: false } as ReceiptSearch,
    }))
    await rereadExport(auditLog, openExport, trust, (entry) =>
        list.forEach(({ receipt, search }) => matchEntry(entry, receipt, search)),
    )
    const sizes = new Set(list.flatMap(({ search }) => (search.batch === null ? [] : [search.batch.anchored])))
    const roots = new Map<number, Hash>()
    let edge: Hash[] = []
    await rereadExport(auditLog, openExport, trust, (entry) => {
        edge = append(entry.index, leafOf(entry), edge).edge
        if (sizes.has(entry.index + 1))
            roots.set(
                entry.index + 1,
                edge.reduceRight((right, left) => nodeHash(left, right)),
            )
    })
    return list.map(({ receipt, search }) => resultOf(() => bindReceipt(auditLog.origin, receipt, search, roots)))
}

async function rereadExport(
    auditLog: AcceptedExport,
    openExport: () => Lines,
    trust: Trust,
    onEntry: (entry: Entry) => void,
) {
    const verdict = await verifyLines(openExport(), trust, onEntry)
    const isSame = verdict.ok && verdict.format === auditLog.format && verdict.root === auditLog.root
    if (!isSame) throw new Error("the export changed while it was read: verify it again")
}

function matchEntry({ index, kind, opening }: Entry, receipt: AcceptedReceipt, search: ReceiptSearch): void {
    if (opening === null || !isObject(opening.body)) return
    if (opening.body["receipt"] === receipt.commitment) search.leaf ??= index
    const batch = kind === batchKind ? parseBatchLeaf(opening.body) : null
    if (batch === null || batch.log !== receipt.origin) return
    if (batch.batch === receipt.index) search.batch ??= batch
    if (batch.batch + 1 === receipt.size && batch.head !== receipt.root) search.forked = true
}

/** Reads the batch that a leaf names; null if the body has the wrong form. */
function parseBatchLeaf(body: Fields): BatchLeafBody | null {
    const { log, batch, root, head, anchored, anchorSalt } = body
    const isValid = typeof log === "string" && isCount(batch) && isHash(root) && isHash(head)
    if (!isValid || !isCount(anchored) || !isHex(anchorSalt, saltBytes)) return null
    return { log, batch, root, head, anchored, anchorSalt }
}

function isCount(value: Json | undefined): value is number {
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}

function bindReceipt(
    origin: string,
    receipt: AcceptedReceipt,
    search: ReceiptSearch,
    roots: ReadonlyMap<number, Hash>,
): number {
    const { leaf, batch, forked } = search
    if (leaf === null)
        refuse(
            "conflict",
            "receipt.not_recorded",
            "the audit log has no leaf for this receipt: use a newer export of the same log",
        )
    if (batch === null || batch.root !== receipt.batch.root) {
        refuse(
            "conflict",
            "receipt.batch_mismatch",
            `the audit log does not confirm batch \`${receipt.index}\` of this receipt: ask the operator why`,
        )
    }
    if (forked)
        refuse(
            "conflict",
            "receipt.log_mismatch",
            "the audit log names another receipt log than this receipt: keep both files, and ask the operator why",
        )
    const root = roots.get(batch.anchored)
    const checkpoint = root === undefined ? null : { origin, size: batch.anchored, root }
    const isAnchored = bytesToHex(anchorOf(hexToBytes(batch.anchorSalt), checkpoint)) === receipt.batch.anchor
    const hasCheckpoint = checkpoint !== null || batch.anchored === 0
    if (!isAnchored || !hasCheckpoint) {
        refuse(
            "conflict",
            "receipt.history_mismatch",
            "the batch of this receipt belongs to another audit log: keep both files, and ask the operator why",
        )
    }
    return leaf
}

function resultOf(bindOne: () => number): BoundReceipt | UnboundReceipt {
    try {
        return { ok: true, leaf: bindOne() }
    } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { ok: false, code: error.code, reason: error.message }
    }
}
