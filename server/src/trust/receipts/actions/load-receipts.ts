/** Shows the receipt log to partners: checkpoint, consistency proofs, and their own receipts. */
import { bytesToHex } from "@noble/hashes/utils.js"
import { batchLeaves, batchPath, pathHashes } from "@tocsin/audit-log/batch"
import { type Checkpoint, formatVerifierKey } from "@tocsin/audit-log/checkpoint"
import type { Instant } from "@tocsin/base/instant"
import {
    consistencyRanges,
    type Hash,
    inclusionRanges,
    type NodeAt,
    type Place,
    placesIn,
    type Range,
    rangeHash,
} from "@tocsin/audit-log/merkle"
import { type Batch, receiptText } from "@tocsin/audit-log/receipt"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../../platform/postgres/db.ts"
import { hide } from "../../../kernel/route.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { loadLogKeys, receiptLogKey } from "../../signing-keys/actions/load-log-keys.ts"
import { withOneSignature } from "../../signing-keys/log-keys.ts"
import { secondsToNextBatch } from "../slots.ts"
import * as store from "../store.ts"
import { signBatch, signLogAt } from "./serve-tiles.ts"

const hashBytes = 32

/** Finds the instant of the first batch; null before it. */
export async function findFirstBatchAt({ tx }: Pick<ActionContext, "tx">): Promise<Instant | null> {
    return await store.findFirstBatchAt(tx)
}

/** A checkpoint as `GET /api/receipt-log/checkpoint` answers it. */
export interface ReceiptLogCheckpoint {
    /** Number of batches. */
    readonly size: number
    /** Instant of the newest batch. */
    readonly at: Instant
    /** The oldest key that signs. */
    readonly verifierKey: string
    /** A C2SP checkpoint with the signatures of all keys that sign. */
    readonly checkpoint: string
    /** Seconds until the next batch is visible. */
    readonly nextInSeconds: number
}

/** Loads the visible checkpoint. Refuses `receipt.no_batch`. */
export async function loadVisibleCheckpoint(ctx: ActionContext): Promise<ReceiptLogCheckpoint> {
    const { services } = ctx
    const newest = await loadNewestBatch(ctx)
    const keys = await loadLogKeys(ctx, "receipt_log")
    const { note: checkpoint } = await signBatch(ctx, newest)
    const nextInSeconds = secondsToNextBatch(services.realNow(), services.receiptsIntervalMs)
    const verifierKey = formatVerifierKey(keys.active[0])
    return { size: newest.index + 1, at: newest.at, verifierKey, checkpoint, nextInSeconds }
}

async function loadNewestBatch({ tx, services }: ActionContext): Promise<store.BatchRow> {
    return (await store.findNewestVisible(tx, services.realNow())) ?? refuseNoBatch()
}

/** Counts the visible batches: the size of the log by the clock of this process. */
export async function countVisibleBatches({ tx, services }: ActionContext): Promise<number> {
    return ((await store.findNewestVisible(tx, services.realNow()))?.index ?? -1) + 1
}

/** Counts all batches, visible or not. */
export async function countBatches(tx: Tx): Promise<number> {
    return (await store.findNewestMark(tx))?.size ?? 0
}

export function refuseNoBatch(): never {
    refuse("missing", "receipt.no_batch", "no batch of receipts is published yet: try again later")
}

/** Finds the newest visible tree; null before the first batch. */
export async function findVisibleRoot({ tx, services }: ActionContext): Promise<Checkpoint | null> {
    const newest = await store.findNewestVisible(tx, services.realNow())
    return newest && { origin: receiptLogKey(services.keys).name, size: newest.index + 1, root: newest.log_root }
}

export interface ConsistencyProof {
    readonly from: number
    readonly to: number
    /** In hex. */
    readonly proof: string[]
}

/**
 * Proves (RFC 6962) that the log of `to` batches (null: all visible) contains the log of `from`. Refuses
 * `receipt.bad_range` for 0 and for sizes that are not visible yet, and `receipt.no_batch`.
 */
export async function proveConsistency(
    ctx: ActionContext,
    from: number,
    until: number | null,
): Promise<ConsistencyProof> {
    const size = (await loadNewestBatch(ctx)).index + 1
    const to = until ?? size
    if (!(1 <= from && from <= to && to <= size)) {
        refuse(
            "invalid",
            "receipt.bad_range",
            `the log has \`${size}\` batches: set \`from\` to 1 or more, and \`to\` to \`from\` or more`,
            { size },
        )
    }
    return { from, to, proof: (await loadProof(ctx.tx, consistencyRanges(from, to))).map(bytesToHex) }
}

/** Whether the caller may see the warning of a receipt, given the partner's alias of it. */
export type WarningFilter = (warning: string) => boolean

/** A partner's receipt in its batch. */
interface PublishedReceipt {
    readonly newest: store.BatchRow
    readonly index: number
    readonly batch: Batch
    readonly place: number
    readonly path: Hash[]
    readonly salt: string
    readonly body: store.ReceiptRow["body"]
}

/**
 * Loads a partner's receipt and its batch. Refuses `receipt.not_published_yet` while it waits, and `request.not_found`
 * where the partner has none or the caller may not see it.
 */
export async function loadPublishedReceipt(
    { tx, services }: ActionContext,
    partner: string,
    id: string,
    maySee: WarningFilter,
): Promise<PublishedReceipt> {
    const receipt = (await store.findReceipt(tx, partner, id)) ?? hide()
    const { warning } = receipt.body
    if (typeof warning === "string" && !maySee(warning)) hide()
    const newest = await store.findNewestVisible(tx, services.realNow())
    const { batch: index, place } = receipt
    if (newest === null || index === null || place === null || index > newest.index) {
        const seconds = secondsToNextBatch(services.realNow(), services.receiptsIntervalMs)
        const explanation = `batches are published at fixed times, the next one in \`${seconds}\` seconds`
        return refuse(
            "conflict",
            "receipt.not_published_yet",
            `this receipt is recorded but not published yet: ${explanation}`,
            { explanation },
        )
    }
    const row = await store.loadBatchAt(tx, index)
    return {
        newest,
        index,
        batch: store.batchOfRow(row),
        place,
        path: receipt.path === null ? await computePath(tx, row, place) : hashesIn(receipt.path),
        salt: bytesToHex(receipt.salt),
        body: receipt.body,
    }
}

/** Loads a partner's receipt with its proof under the newest checkpoint. Refuses as `loadPublishedReceipt`. */
export async function loadReceiptOfPartner(
    ctx: ActionContext,
    partner: string,
    id: string,
    maySee: WarningFilter,
): Promise<string> {
    const { newest, ...receipt } = await loadPublishedReceipt(ctx, partner, id, maySee)
    const { note } = await signLogAt(ctx, newest.index + 1)
    return receiptText({
        checkpoint: withOneSignature(await loadLogKeys(ctx, "receipt_log"), note),
        proof: await loadProof(ctx.tx, inclusionRanges(receipt.index, newest.index + 1)),
        ...receipt,
    })
}

/** Computes the path of a receipt that an older version batched. */
async function computePath(tx: Tx, { index, seed }: store.BatchRow, place: number): Promise<Hash[]> {
    const commitments = new Map((await store.listCommitments(tx, index)).map((item) => [item.place, item.commitment]))
    return batchPath(batchLeaves(seed, commitments), place)
}

const hashesIn = (path: Buffer): Hash[] =>
    Array.from({ length: pathHashes }, (_, n) => path.subarray(n * hashBytes, (n + 1) * hashBytes))

/** Loads the hashes of these ranges. */
export async function loadProof(tx: Tx, ranges: readonly Range[]): Promise<Hash[]> {
    const node = await loadNodesFor(tx, ranges.flatMap(placesIn))
    return ranges.map((range) => rangeHash(range, node))
}

/** Loads nodes at these places. A missing node throws when it is read. */
export async function loadNodesFor(tx: Tx, places: readonly Place[]): Promise<NodeAt> {
    const found = await store.listNodesAt(tx, places)
    const nodes = new Map(found.map(({ level, pos, hash }) => [`${level}/${pos}`, hash]))
    return (level, pos) => {
        const hash = nodes.get(`${level}/${pos}`)
        if (!hash) throw new Error(`the receipt log lacks its node ${level}/${pos}`)
        return hash
    }
}
