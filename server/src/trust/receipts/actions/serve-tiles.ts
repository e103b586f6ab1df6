/**
 * Serves the receipt log as C2SP tlog-tiles: a signed checkpoint, hashes and entries, for anyone who follows the log.
 *
 * Only visible batches are served. Entries are those that a receipt shows: an instant and two hashes that look random.
 */
import { parseNote } from "@tocsin/audit-log/checkpoint"
import { batchText } from "@tocsin/audit-log/receipt"
import { type Tile, firstPlace, isTileIn, parseTilePath, tileWidth } from "@tocsin/audit-log/tiles"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { hide } from "../../../kernel/route.ts"
import type { Services, TileReaders } from "../../../kernel/services.ts"
import { loadLogKeys } from "../../signing-keys/actions/load-log-keys.ts"
import { type LogKey, signCheckpoint } from "../../signing-keys/log-keys.ts"
import * as store from "../store.ts"

/** A checkpoint that all keys of the log signed. */
export interface SignedLog {
    readonly size: number
    readonly root: Buffer
    /** The lines that a witness signs too. */
    readonly text: string
    readonly note: string
}

/** The last note of each process: an ML-DSA signature takes 2 ms, and anyone can ask. */
const lastNotes = new WeakMap<Services, { readonly signed: SignedLog; readonly signers: readonly LogKey[] }>()

/** Signs the newest visible checkpoint; null before the first batch. */
export async function findVisibleLog(ctx: ActionContext): Promise<SignedLog | null> {
    const newest = await store.findNewestVisible(ctx.tx, ctx.services.realNow())
    return newest && (await signBatch(ctx, newest))
}

/** Signs the checkpoint of this size, which the log has. */
export async function signLogAt(ctx: ActionContext, size: number): Promise<SignedLog> {
    return await signBatch(ctx, await store.loadBatchAt(ctx.tx, size - 1))
}

/** Signs the checkpoint that ends with this batch, or returns the last one again. */
export async function signBatch(ctx: ActionContext, { index, log_root: root }: store.BatchRow): Promise<SignedLog> {
    const keys = await loadLogKeys(ctx, "receipt_log")
    const { active: signers } = keys
    const known = lastNotes.get(ctx.services)
    const areSame = signers.length === known?.signers.length && signers.every((key, i) => key === known.signers[i])
    if (areSame && known.signed.size === index + 1 && known.signed.root.equals(root)) return known.signed
    const note = signCheckpoint(keys, { size: index + 1, root })
    const signed = { size: index + 1, root, text: parseNote(note).text, note }
    lastNotes.set(ctx.services, { signed, signers })
    return signed
}

/** Hides the tiles from readers that the setting leaves out. Refuses `receipt.log_paused` in quarantine. */
export function assertTilesFor({ services }: ActionContext, readers: Exclude<TileReaders, "off">): void {
    if (services.tileReaders !== readers && services.tileReaders !== "public") hide()
    if (services.highWater.isQuarantined()) {
        refuse("unavailable", "receipt.log_paused", "the log is being checked after a restore: try again later")
    }
}

/** Loads a tile by its path, `tile/…`. Hides one that the visible log does not have. */
export async function loadTile({ tx, services }: ActionContext, path: string): Promise<Buffer> {
    const tile = parseTilePath(path) ?? hide()
    const newest = await store.findNewestVisible(tx, services.realNow())
    if (newest === null || !isTileIn(tile, newest.index + 1)) hide()
    const { level, pos } = firstPlace(tile)
    return tile.level === null ? await loadEntries(tx, tile) : await loadHashes(tx, { level, pos }, tile.width)
}

async function loadHashes(
    tx: ActionContext["tx"],
    first: { readonly level: number; readonly pos: number },
    width: number,
): Promise<Buffer> {
    const hashes = await store.listHashes(tx, first, width)
    if (hashes.length !== width) throw new Error(`the receipt log lacks nodes of ${first.level}/${first.pos}`)
    return Buffer.concat(hashes)
}

/** Each entry after its length in two bytes. */
async function loadEntries(tx: ActionContext["tx"], { index, width }: Tile): Promise<Buffer> {
    const batches = await store.listBatches(tx, index * tileWidth, width)
    if (batches.length !== width) throw new Error(`the receipt log lacks batches from ${index * tileWidth} on`)
    return Buffer.concat(
        batches.flatMap((row) => {
            const entry = batchText(store.batchOfRow(row))
            return [Buffer.of(entry.length >> 8, entry.length & 0xff), entry]
        }),
    )
}
