/**
 * Batches receipts into the receipt log, which partners see instead of the audit log, whose size would reveal other
 * partners' activity.
 *
 * At fixed instants one batch is made, even if it is empty, and partners cannot tell. Batch, places of receipts and
 * the event that names the batch are one transaction.
 */
import { bytesToHex } from "@noble/hashes/utils.js"
import { batchLeaves, batchRoot, chanceBytes, placesInBatch, shuffledPlaces } from "@tocsin/audit-log/batch"
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
import { isDue, receiptsOfPartnerMax, shownFrom, slotOf, unnamedMsMax } from "../slots.ts"
import * as store from "../store.ts"
import { loadNodesFor, partnersLogKey } from "./show-receipts.ts"

export interface Given {
    /** The id by which the partner requests it. */
    readonly id: string
    readonly partner: string
    /** The proven facts, in ids that this partner knows. */
    readonly body: Readonly<Record<string, Json>>
}

/** Queues a receipt for the next batch. Returns its commitment in hex, for the event that it proves. */
export async function giveReceipt(ctx: ActionContext, { id, partner, body }: Given): Promise<string> {
    const salt = ctx.services.random(saltBytes)
    const commitment = Buffer.from(commit(salt, body))
    await store.insertReceipt(ctx.tx, { id, partner, salt, body, commitment })
    return commitment.toString("hex")
}

/** Makes a batch when it is due. */
export const batchReceiptsJob: BackgroundJob = {
    name: "batching",
    isUnhurried: true,
    run: async (services) => {
        const actor = { kind: "system", step: "batching" } as const
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
    const waiting = await store.listWaitingReceipts(tx, receiptsOfPartnerMax, placesInBatch)
    const places = shuffledPlaces(services.random(chanceBytes)).slice(0, waiting.length)
    const held = new Map(waiting.map(({ commitment }, i): [number, Hash] => [places[i] ?? 0, commitment]))
    const seed = services.random(seedBytes)
    const root = batchRoot(batchLeaves(seed, held))
    const anchored = await findNewestRoot(ctx)
    const anchorSalt = services.random(saltBytes)
    const anchor = anchorOf(anchorSalt, anchored)
    const at = Math.floor(ctx.now / 1000) * 1000
    const index = last === null ? 0 : last.index + 1
    const logRoot = await grow(tx, index, { at: formatInstant(at), root: bytesToHex(root), anchor: bytesToHex(anchor) })
    const named = waiting.length > 0 || isLong(slot, last)
    await store.insertBatch(tx, {
        index,
        at,
        slot,
        seed,
        recorded: named,
        visible_at: shownFrom(slot, services.receiptsIntervalMs),
        root: Buffer.from(root),
        anchor: Buffer.from(anchor),
        anchor_salt: anchorSalt,
        anchored_size: anchored?.size ?? 0,
        log_root: Buffer.from(logRoot),
    })
    const ids = waiting.map(({ id }) => id)
    await store.placeReceipts(tx, index, ids, places)
    if (!named) return true
    await record(ctx, {
        kind: "receipts.batched",
        log: partnersLogKey(services.keys).name,
        batch: index,
        root: bytesToHex(root),
        head: bytesToHex(logRoot),
        receipts: ids.length,
        anchored: anchored?.size ?? 0,
        anchorSalt: anchorSalt.toString("hex"),
    })
    return true
}

/** Whether an empty batch must be named in the audit log: one per day is enough. */
function isLong(slot: Instant, last: store.LastBatch | null): boolean {
    return last === null || last.recorded_slot === null || slot >= last.recorded_slot + unnamedMsMax
}

/** Adds the batch to the log's tree and returns the new root. */
async function grow(tx: Tx, index: number, batch: Batch): Promise<Hash> {
    const places = edgePlaces(index)
    const node = await loadNodesFor(tx, places)
    const edge = places.map(({ level, pos }) => node(level, pos))
    const grown = append(index, batchLeaf(batch), edge)
    await store.insertNodes(tx, grown.nodes)
    return grown.edge.reduceRight((right, left) => nodeHash(left, right))
}
