/**
 * Reads and writes receipts, batches and the log's tree. Only a waiting receipt is ever changed, when it gets its
 * place.
 */
import type { Json } from "@tocsin/base/canonical"
import type { KeyChange } from "@tocsin/client/key-change"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Node, Place } from "@tocsin/audit-log/merkle"
import type { Batch } from "@tocsin/audit-log/receipt"
import type { Tx } from "../../platform/postgres/db.ts"
import { combineCalls } from "../../kernel/shared-transaction.ts"

export interface ReceiptRow {
    readonly id: string
    readonly partner: string
    readonly salt: Buffer
    readonly body: Readonly<Record<string, Json>>
    readonly commitment: Buffer
}

export interface BatchRow {
    readonly index: number
    readonly at: Instant
    readonly slot: Instant
    readonly visible_at: Instant
    readonly seed: Buffer
    readonly root: Buffer
    readonly anchor: Buffer
    readonly anchor_salt: Buffer
    readonly anchored_size: number
    readonly log_root: Buffer
    readonly recorded: boolean
}

const batchColumns = `index, at, due_at as slot, visible_at, seed, root, anchor, anchor_salt,
    anchored_size, log_root, recorded`

/**
 * Inserts a receipt together with the commit, in one statement with others of this turn. If it fails, the transaction
 * fails.
 */
export async function insertReceipt(tx: Tx, row: ReceiptRow): Promise<void> {
    await insertReceiptsTogether(tx, row, null)
}

const insertReceiptsTogether = combineCalls(async (tx, rows: readonly ReceiptRow[], _: null) => {
    tx.queryAtCommit(
        `insert into receipts (id, partner_id, salt, body, commitment)
         select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::jsonb[], $5::bytea[])`,
        [
            rows.map(({ id }) => id),
            rows.map(({ partner }) => partner),
            rows.map(({ salt }) => salt),
            rows.map(({ body }) => JSON.stringify(body)),
            rows.map(({ commitment }) => commitment),
        ],
    )
    return []
})

/** Inserts the receipt of a change of a partner's keys, with the number of the change. */
export async function insertKeyReceipt(tx: Tx, row: ReceiptRow, number: number): Promise<void> {
    await tx.query(
        "insert into receipts (id, partner_id, salt, body, commitment, key_change) values ($1, $2, $3, $4, $5, $6)",
        [row.id, row.partner, row.salt, JSON.stringify(row.body), row.commitment, number],
    )
}

/** Finds the newest change of the partner's keys; null where there is none. */
export async function findLastKeyReceipt(
    tx: Tx,
    partner: string,
): Promise<{ readonly number: number; readonly commitment: Buffer } | null> {
    const [row] = await tx.query<{ number: number; commitment: Buffer }>(
        `select key_change as number, commitment from receipts where partner_id = $1 and key_change is not null
         order by key_change desc limit 1`,
        [partner],
    )
    return row ?? null
}

/** Lists the changes of the partner's keys, oldest first. */
export async function listKeyChanges(tx: Tx, partner: string): Promise<KeyChange[]> {
    const rows = await tx.query<{ body: KeyChange }>(
        "select body from receipts where partner_id = $1 and key_change is not null order by key_change",
        [partner],
    )
    return rows.map(({ body }) => body)
}

// --- Batching

const batcherClass = 4

/** Locks out other batchers until the transaction ends. Reads afterwards see what the previous one committed. */
export async function lockBatches(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${batcherClass}, 0)`)
}

export interface LastBatch {
    readonly index: number
    readonly slot: Instant
    /** Slot of the last batch named in the audit log. */
    readonly recorded_slot: Instant | null
}

/** Finds the last batch, visible or not. */
export async function findLastBatch(tx: Tx): Promise<LastBatch | null> {
    const [row] = await tx.query<LastBatch>(
        `select index, due_at as slot,
         (select due_at as slot from batches where recorded order by index desc limit 1) as recorded_slot
         from batches order by index desc limit 1`,
    )
    return row ?? null
}

/** Lists waiting receipts: the oldest of each partner up to a limit, interleaved by partner. */
export async function listQueuedReceipts(
    tx: Tx,
    perPartnerMax: number,
    countMax: number,
): Promise<{ readonly id: string; readonly commitment: Buffer }[]> {
    return await tx.query(
        `with waiting as (
            select id, commitment, seq, row_number() over (partition by partner_id order by seq) as nth
            from receipts where batch_id is null
         ) select id, commitment from waiting where nth <= $1 order by nth, seq limit $2`,
        [perPartnerMax, countMax],
    )
}

export async function insertBatch(tx: Tx, row: BatchRow): Promise<void> {
    await tx.query(
        `insert into batches (index, at, due_at, visible_at, seed, root, anchor, anchor_salt, anchored_size, log_root,
         recorded) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
            row.index,
            new Date(row.at),
            new Date(row.slot),
            new Date(row.visible_at),
            row.seed,
            row.root,
            row.anchor,
            row.anchor_salt,
            row.anchored_size,
            row.log_root,
            row.recorded,
        ],
    )
}

interface Placed {
    readonly ids: readonly string[]
    readonly places: readonly number[]
    /** Hashes from the leaf's sibling up. */
    readonly paths: readonly (readonly Uint8Array[])[]
}

export async function setReceiptPlaces(tx: Tx, batch: number, { ids, places, paths }: Placed): Promise<void> {
    await tx.query(
        `update receipts set batch_id = $1, place = given.place, path = given.path
         from unnest($2::uuid[], $3::int[], $4::bytea[]) as given (id, place, path) where receipts.id = given.id`,
        [batch, ids, places, paths.map((path) => Buffer.concat(path))],
    )
}

export async function insertNodes(tx: Tx, nodes: readonly Node[]): Promise<void> {
    await tx.query(
        "insert into batch_nodes (level, pos, hash) select * from unnest($1::int[], $2::bigint[], $3::bytea[])",
        [nodes.map(({ level }) => level), nodes.map(({ pos }) => pos), nodes.map(({ hash }) => Buffer.from(hash))],
    )
}

// --- Reading

/** Lists the hashes at these places. Missing nodes are left out. */
export async function listNodesAt(tx: Tx, places: readonly Place[]): Promise<Node[]> {
    return await tx.query<Node>(
        `with wanted as (select * from unnest($1::int[], $2::bigint[]) as place (level, pos))
         select level, pos, hash from wanted join batch_nodes using (level, pos)`,
        [places.map(({ level }) => level), places.map(({ pos }) => pos)],
    )
}

/** Lists hashes that follow each other on one level, in order. Missing nodes are left out. */
export async function listHashes(tx: Tx, first: Place, count: number): Promise<Buffer[]> {
    const rows = await tx.query<{ hash: Buffer }>(
        "select hash from batch_nodes where level = $1 and pos >= $2 and pos < $3 order by pos",
        [first.level, first.pos, first.pos + count],
    )
    return rows.map(({ hash }) => hash)
}

/** Lists batches that follow each other, in order. */
export async function listBatches(
    tx: Tx,
    start: number,
    count: number,
): Promise<Pick<BatchRow, "at" | "anchor" | "root">[]> {
    return await tx.query("select at, anchor, root from batches where index >= $1 and index < $2 order by index", [
        start,
        start + count,
    ])
}

/** Finds the newest visible batch; null before the first. */
export async function findNewestVisible(tx: Tx, realNow: Instant): Promise<BatchRow | null> {
    const [row] = await tx.query<BatchRow>(
        `select ${batchColumns} from batches where visible_at <= $1 order by index desc limit 1`,
        [new Date(realNow)],
    )
    return row ?? null
}

/** A batch as its entry in the log states it. */
export function batchOfRow({ anchor, at, root }: Pick<BatchRow, "anchor" | "at" | "root">): Batch {
    return { anchor: anchor.toString("hex"), at: formatInstant(at), root: root.toString("hex") }
}

export async function loadBatchAt(tx: Tx, index: number): Promise<BatchRow> {
    const row = await findBatchAt(tx, index)
    if (!row) throw new Error(`there is no batch ${index}`)
    return row
}

export async function findBatchAt(tx: Tx, index: number): Promise<BatchRow | undefined> {
    return (await tx.query<BatchRow>(`select ${batchColumns} from batches where index = $1`, [index]))[0]
}

interface PlacedReceipt extends ReceiptRow {
    /** Null while it waits. */
    readonly batch: number | null
    readonly place: number | null
    /** In one. Null also where an older version batched it. */
    readonly path: Buffer | null
}

/** Finds a partner's receipt by id; null where there is none. */
export async function findReceipt(tx: Tx, partner: string, id: string): Promise<PlacedReceipt | null> {
    const [row] = await tx.query<PlacedReceipt>(
        `select id, partner_id as partner, salt, body, commitment, batch_id as batch, place, path
         from receipts where id = $1 and partner_id = $2`,
        [id, partner],
    )
    return row ?? null
}

/** Lists the commitments of a batch by place. */
export async function listCommitments(
    tx: Tx,
    batch: number,
): Promise<{ readonly place: number; readonly commitment: Buffer }[]> {
    return await tx.query("select place, commitment from receipts where batch_id = $1", [batch])
}

/** Finds the newest batch, visible or not. */
export async function findNewestMark(tx: Tx): Promise<{ readonly size: number; readonly root: string } | null> {
    const [row] = await tx.query<{ size: number; root: string }>(
        "select index + 1 as size, encode(log_root, 'hex') as root from batches order by index desc limit 1",
    )
    return row ?? null
}

/** Finds the root (hex) of the log at a size; null where the log is shorter. */
export async function findRootAt(tx: Tx, size: number): Promise<string | null> {
    const [row] = await tx.query<{ root: string }>(
        "select encode(log_root, 'hex') as root from batches where index = $1",
        [size - 1],
    )
    return row?.root ?? null
}

/** Counts the batches up to an instant; null where none is later. */
export async function countBatchesUntil(tx: Tx, at: Instant): Promise<number | null> {
    const [row] = await tx.query<{ count: number }>(
        "select index as count from batches where at > $1 order by index limit 1",
        [new Date(at)],
    )
    return row?.count ?? null
}

/** Finds the instant of the first batch; null where there is none. */
export async function findFirstBatchAt(tx: Tx): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Instant }>("select at from batches order by index limit 1")
    return row?.at ?? null
}
