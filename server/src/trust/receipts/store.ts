/** The rows of receipts, batches and the tree of their log. Only what waits is ever changed: it gets its place. */
import type { Json } from "@tocsin/base/canonical"
import type { Instant } from "@tocsin/base/instant"
import type { Node, Place } from "@tocsin/audit-log/merkle"
import type { Tx } from "../../platform/postgres/db.ts"
import { inOneStatement } from "../../kernel/shared-transaction.ts"

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

/** Carried out on the way to the commit, in one statement with the others of this turn; where one fails nothing stays. */
export async function insertReceipt(tx: Tx, row: ReceiptRow): Promise<void> {
    await receiptsTogether(tx, row, null)
}

const receiptsTogether = inOneStatement(async (tx, rows: readonly ReceiptRow[], _: null) => {
    tx.finish(
        `insert into receipts (id, partner_id, salt, body, commitment)
         select * from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::jsonb[], $5::bytea[])`,
        [
            ...[rows.map(({ id }) => id), rows.map(({ partner }) => partner), rows.map(({ salt }) => salt)],
            ...[rows.map(({ body }) => JSON.stringify(body)), rows.map(({ commitment }) => commitment)],
        ],
    )
    return []
})

// --- Batching

const batcherClass = 4

/** One batch is made at a time. Held until the transaction ends; what the one before it committed is seen after. */
export async function lockBatches(tx: Tx): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(${batcherClass}, 0)`)
}

export interface LastBatch {
    readonly index: number
    readonly slot: Instant
    /** The slot of the last batch that the record names. */
    readonly recorded_slot: Instant | null
}

/** Whether it is shown yet or not. */
export async function findLastBatch(tx: Tx): Promise<LastBatch | null> {
    const [row] = await tx.query<LastBatch>(
        `select index, due_at as slot,
         (select due_at as slot from batches where recorded order by index desc limit 1) as recorded_slot
         from batches order by index desc limit 1`,
    )
    return row ?? null
}

/** What waits: each partner's oldest, up to a bound; then, of these, everybody's first, everybody's second … */
export async function listWaitingReceipts(
    tx: Tx,
    ofPartnerMax: number,
    countMax: number,
): Promise<{ readonly id: string; readonly commitment: Buffer }[]> {
    return await tx.query(
        `with waiting as (
            select id, commitment, seq, row_number() over (partition by partner_id order by seq) as turn
            from receipts where batch_id is null
         ) select id, commitment from waiting where turn <= $1 order by turn, seq limit $2`,
        [ofPartnerMax, countMax],
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

export async function placeReceipts(tx: Tx, batch: number, ids: readonly string[], places: readonly number[]) {
    await tx.query(
        `update receipts set batch_id = $1, place = given.place
         from unnest($2::uuid[], $3::int[]) as given (id, place) where receipts.id = given.id`,
        [batch, ids, places],
    )
}

export async function insertNodes(tx: Tx, nodes: readonly Node[]): Promise<void> {
    await tx.query(
        "insert into batch_nodes (level, pos, hash) select * from unnest($1::int[], $2::bigint[], $3::bytea[])",
        [nodes.map(({ level }) => level), nodes.map(({ pos }) => pos), nodes.map(({ hash }) => Buffer.from(hash))],
    )
}

// --- Reading

/** The hashes that stand at these places. A place that holds none is left out. */
export async function listNodesAt(tx: Tx, places: readonly Place[]): Promise<Node[]> {
    return await tx.query<Node>(
        `with wanted as (select * from unnest($1::int[], $2::bigint[]) as place (level, pos))
         select level, pos, hash from wanted join batch_nodes using (level, pos)`,
        [places.map(({ level }) => level), places.map(({ pos }) => pos)],
    )
}

/** The newest batch that is shown by now; null before the first. */
export async function findNewestShown(tx: Tx, realNow: Instant): Promise<BatchRow | null> {
    const [row] = await tx.query<BatchRow>(
        `select ${batchColumns} from batches where visible_at <= $1 order by index desc limit 1`,
        [new Date(realNow)],
    )
    return row ?? null
}

export async function loadBatchAt(tx: Tx, index: number): Promise<BatchRow> {
    const [row] = await tx.query<BatchRow>(`select ${batchColumns} from batches where index = $1`, [index])
    if (!row) throw new Error(`there is no batch ${index}`)
    return row
}

/** `batch` and `place` are null while it waits. Null where this partner has none of this id. */
export async function findReceipt(
    tx: Tx,
    partner: string,
    id: string,
): Promise<(ReceiptRow & { readonly batch: number | null; readonly place: number | null }) | null> {
    const [row] = await tx.query<ReceiptRow & { readonly batch: number | null; readonly place: number | null }>(
        "select id, partner_id as partner, salt, body, commitment, batch_id as batch, place from receipts where id = $1 and partner_id = $2",
        [id, partner],
    )
    return row ?? null
}

/** The commitments of a batch, by their places. */
export async function heldIn(
    tx: Tx,
    batch: number,
): Promise<{ readonly place: number; readonly commitment: Buffer }[]> {
    return await tx.query("select place, commitment from receipts where batch_id = $1", [batch])
}

/** Of all batches, whether they are shown yet or not. */
export async function findNewestBatch(tx: Tx): Promise<{ readonly size: number; readonly root: string } | null> {
    const [row] = await tx.query<{ size: number; root: string }>(
        "select index + 1 as size, encode(log_root, 'hex') as root from batches order by index desc limit 1",
    )
    return row ?? null
}

/** The root (hex) of the log at a size that it had; null where it has not been so long. */
export async function findRootAt(tx: Tx, size: number): Promise<string | null> {
    const [row] = await tx.query<{ root: string }>(
        "select encode(log_root, 'hex') as root from batches where index = $1",
        [size - 1],
    )
    return row?.root ?? null
}
