/**
 * Batches receipts into the receipt log, which partners see instead of the audit log, whose size would reveal other
 * partners' activity.
 *
 * At fixed instants one batch is made, even if it is empty. Partners cannot distinguish an empty batch. Batch, places
 * of receipts and the event that names the batch are one transaction.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import {
    batchLeaves,
    batchPaths,
    batchRoot,
    shuffleBytes,
    placesInBatch,
    shuffledPlaces,
} from "@tocsin/audit-log/batch"
import type { Json } from "@tocsin/base/canonical"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import { append, edgePlaces, type Hash, nodeHash } from "@tocsin/audit-log/merkle"
import { anchorOf, type Batch, batchLeaf } from "@tocsin/audit-log/receipt"
import { commit, saltBytes } from "@tocsin/audit-log/signed-note"
import type { Tx } from "../../../platform/postgres/db.ts"
import { seedBytes } from "../../../platform/crypto/ed25519.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findNewestRoot } from "../../audit-log/actions/export-log.ts"
import { receiptLogKey } from "../../signing-keys/actions/load-log-keys.ts"
import { isDue, receiptsPerPartnerMax, visibleFrom, slotOf, unrecordedMsMax } from "../slots.ts"
import * as store from "../store.ts"
import { loadNodesFor } from "./load-receipts.ts"

export interface NewReceipt {
    /** The id by which the partner requests it. */
    readonly id: string
    readonly partner: string
    /** The proven facts, in ids that this partner knows. */
    readonly body: Readonly<Record<string, Json>>
}

/** Queues a receipt for the next batch. Returns its commitment in hex, for the event that it proves. */
export async function queueReceipt(ctx: ActionContext, { id, partner, body }: NewReceipt): Promise<string> {
    const salt = ctx.services.random(saltBytes)
    const commitment = Buffer.from(commit(salt, body))
    await store.insertReceipt(ctx.tx, { id, partner, salt, body, commitment })
    return commitment.toString("hex")
}

/** Makes a batch when it is due. */
export const batchReceiptsJob: BackgroundJob = {
    name: "batching",
    runsSeldom: true,
    run: async (services) => {
        const actor = { kind: "system", component: "batching" } as const
        await services.db.transaction(async (tx) =>
            makeBatch({ tx, now: await services.clock.now(tx), actor, services }),
        )
        return false
    },
}

/** Makes one batch if it is due by wall-clock time. Returns whether it did. */
export async function makeBatch(ctx: ActionContext): Promise<boolean> {
    const { tx, services } = ctx
    await store.lockBatches(tx)
    const last = await store.findLastBatch(tx)
    const slot = slotOf(services.realNow(), services.receiptsIntervalMs)
    if (!isDue(slot, last?.slot ?? null, services.receiptsIntervalMs)) return false
    const queued = await store.listQueuedReceipts(tx, receiptsPerPartnerMax, placesInBatch)
    const places = shuffledPlaces(services.random(shuffleBytes)).slice(0, queued.length)
    const commitments = new Map(queued.map(({ commitment }, i): [number, Hash] => [places[i] ?? 0, commitment]))
    const seed = services.random(seedBytes)
    const leaves = batchLeaves(seed, commitments)
    const root = batchRoot(leaves)
    const anchoredCheckpoint = await findNewestRoot(ctx)
    const anchorSalt = services.random(saltBytes)
    const anchor = anchorOf(anchorSalt, anchoredCheckpoint)
    const at = Math.floor(ctx.now / 1000) * 1000
    const index = last === null ? 0 : last.index + 1
    const logRoot = await appendBatch(tx, index, {
        at: formatInstant(at),
        root: bytesToHex(root),
        anchor: bytesToHex(anchor),
    })
    const isRecorded = queued.length > 0 || isRecordDue(slot, last)
    await store.insertBatch(tx, {
        index,
        at,
        slot,
        seed,
        recorded: isRecorded,
        visible_at: visibleFrom(slot, services.receiptsIntervalMs),
        root: Buffer.from(root),
        anchor: Buffer.from(anchor),
        anchor_salt: anchorSalt,
        anchored_size: anchoredCheckpoint?.size ?? 0,
        log_root: Buffer.from(logRoot),
    })
    const ids = queued.map(({ id }) => id)
    await store.setReceiptPlaces(tx, index, { ids, places, paths: batchPaths(leaves, places) })
    if (!isRecorded) return true
    await record(ctx, {
        kind: "receipts.batched",
        log: receiptLogKey(services.keys).name,
        batch: index,
        root: bytesToHex(root),
        head: bytesToHex(logRoot),
        receipts: ids.length,
        anchored: anchoredCheckpoint?.size ?? 0,
        anchorSalt: anchorSalt.toString("hex"),
    })
    return true
}

/** Whether an empty batch must be named in the audit log: one per day is enough. */
function isRecordDue(slot: Instant, last: store.LastBatch | null): boolean {
    return last === null || last.recorded_slot === null || slot >= last.recorded_slot + unrecordedMsMax
}

/** Adds the batch to the log's tree and returns the new root. */
async function appendBatch(tx: Tx, index: number, batch: Batch): Promise<Hash> {
    const places = edgePlaces(index)
    const node = await loadNodesFor(tx, places)
    const edge = places.map(({ level, pos }) => node(level, pos))
    const grown = append(index, batchLeaf(batch), edge)
    await store.insertNodes(tx, grown.nodes)
    return grown.edge.reduceRight((right, left) => nodeHash(left, right))
}
