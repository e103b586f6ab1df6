/**
 * Serves the receipt log as C2SP tlog-tiles: a signed checkpoint, hashes and entries, for anyone who follows the log.
 *
 * Only visible batches are served. Entries are those that a receipt shows: an instant and two hashes that look random.
 */
import { formatCheckpoint } from "@tocsin/audit-log/checkpoint"
import { type SigningNoteKey, signingNoteKey, signWith } from "@tocsin/audit-log/commands/node-keys"
import { batchText } from "@tocsin/audit-log/receipt"
import { type Tile, firstPlace, isTileIn, parseTilePath, tileWidth } from "@tocsin/audit-log/tiles"
import { refuse } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { hide } from "../../../kernel/route.ts"
import type { Services, TileReaders } from "../../../kernel/services.ts"
import { seedBytes } from "../../../platform/crypto/ed25519.ts"
import type { Keys } from "../../../platform/crypto/keys.ts"
import * as store from "../store.ts"
import { receiptLogKey } from "./load-receipts.ts"

/** The keys under which outsiders know the log: Ed25519, and ML-DSA-44 beside it. Both have the log's name. */
export function receiptNoteKeys(keys: Keys): readonly SigningNoteKey[] {
    const { name, publicKey, sign } = receiptLogKey(keys)
    const mlDsa = signingNoteKey("ml_dsa_44", keys.derive("receipt-heads-ml-dsa-44", seedBytes), () => name)
    return [{ kind: "ed25519", name, publicKey, sign }, mlDsa]
}

/** A checkpoint that both keys signed. */
export interface SignedLog {
    readonly size: number
    readonly root: Buffer
    /** The lines that a witness signs too. */
    readonly text: string
    readonly note: string
}

/** The last note of each process: an ML-DSA signature takes 2 ms, and anyone can ask. */
const lastNotes = new WeakMap<Services, SignedLog>()

/** Signs the newest visible checkpoint; null before the first batch. */
export async function findVisibleLog({ tx, services }: ActionContext): Promise<SignedLog | null> {
    const newest = await store.findNewestVisible(tx, services.realNow())
    return newest && signBatch(services, newest)
}

/** Signs the checkpoint of this size, which the log has. */
export async function signLogAt({ tx, services }: ActionContext, size: number): Promise<SignedLog> {
    return signBatch(services, await store.loadBatchAt(tx, size - 1))
}

function signBatch(services: Services, { index, log_root: root }: store.BatchRow): SignedLog {
    const known = lastNotes.get(services)
    if (known?.size === index + 1 && known.root.equals(root)) return known
    const keys = receiptNoteKeys(services.keys)
    const text = formatCheckpoint({ origin: keys[0]?.name ?? "", size: index + 1, root })
    const note = `${text}\n${keys.map((key) => signWith(text, key, 0)).join("")}`
    const signed = { size: index + 1, root, text, note }
    lastNotes.set(services, signed)
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
