/** Stores measures and their reviews. Only its end changes a measure; a review never changes. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { MeasureKind } from "../measure.ts"

export interface MeasureRow {
    readonly id: string
    readonly kind: MeasureKind
    readonly partner: string | null
    readonly policy: number | null
    readonly procedure: string | null
    readonly reason_ciphertext: Buffer
    readonly taken_by: string
    readonly taken_at: Instant
    readonly review_due_at: Instant | null
    readonly approval: string | null
    readonly ended_at: Instant | null
}

const measureColumns = `id, kind, partner_id as partner, policy_version as policy, procedure_id as procedure,
    reason_ciphertext, taken_by, taken_at, review_due_at, approval_id as approval,
    ended_at`

/** Inserts a measure. */
export async function insertMeasure(tx: Tx, row: Omit<MeasureRow, "ended_at">): Promise<void> {
    await tx.query(
        `insert into measures (id, kind, partner_id, policy_version, procedure_id, reason_ciphertext, taken_by,
         taken_at, review_due_at,
         approval_id) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
            row.id,
            row.kind,
            row.partner,
            row.policy,
            row.procedure,
            row.reason_ciphertext,
            row.taken_by,
            new Date(row.taken_at),
            row.review_due_at === null ? null : new Date(row.review_due_at),
            row.approval,
        ],
    )
}

/** Lists the measures of one partner (null: all), newest first. */
export async function listMeasures(tx: Tx, partner: string | null): Promise<MeasureRow[]> {
    return await tx.query<MeasureRow>(
        `select ${measureColumns} from measures where $1::uuid is null or partner_id = $1 order by seq desc`,
        [partner],
    )
}

/** Finds a measure by id. */
export async function findMeasure(tx: Tx, id: string): Promise<MeasureRow | undefined> {
    return (await tx.query<MeasureRow>(`select ${measureColumns} from measures where id = $1`, [id]))[0]
}

/** Lists open measures of a kind, of one partner (null: by reporting duty). */
export async function listOpenMeasures(tx: Tx, kind: MeasureKind, partner: string | null): Promise<MeasureRow[]> {
    return await tx.query<MeasureRow>(
        `select ${measureColumns} from measures where kind = $1 and partner_id is not distinct
         from $2::uuid and ended_at is null
         order by seq`,
        [kind, partner],
    )
}

/** Sets a measure as ended. */
export async function setEnded(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update measures set ended_at = $2 where id = $1 and ended_at is null", [id, new Date(at)])
}

/** Lists open measures of a kind, oldest first. */
export async function listOpenMeasuresOfKind(tx: Tx, kind: MeasureKind): Promise<MeasureRow[]> {
    return await tx.query<MeasureRow>(
        `select ${measureColumns} from measures where kind = $1 and ended_at is null order by seq`,
        [kind],
    )
}

/** Locks a measure until the transaction ends. */
export async function lockMeasure(tx: Tx, id: string): Promise<MeasureRow | undefined> {
    return (await tx.query<MeasureRow>(`select ${measureColumns} from measures where id = $1 for update`, [id]))[0]
}

export interface ReviewRow {
    readonly id: string
    readonly measure: string
    readonly procedure: string | null
    readonly review_due_at: Instant | null
    readonly approval: string
    readonly reason_ciphertext: Buffer
    readonly decided_at: Instant
}

const reviewColumns = `id, measure_id as measure, procedure_id as procedure, review_due_at,
    approval_id as approval, reason_ciphertext, decided_at`

/** Inserts a review. */
export async function insertReview(tx: Tx, row: ReviewRow): Promise<void> {
    await tx.query(
        `insert into reviews (id, measure_id, procedure_id, review_due_at, approval_id, reason_ciphertext, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            row.id,
            row.measure,
            row.procedure,
            row.review_due_at === null ? null : new Date(row.review_due_at),
            row.approval,
            row.reason_ciphertext,
            new Date(row.decided_at),
        ],
    )
}

/** Lists the reviews of these measures, oldest first. */
export async function listReviews(tx: Tx, measures: readonly string[]): Promise<ReviewRow[]> {
    return await tx.query<ReviewRow>(`select ${reviewColumns} from reviews where measure_id = any($1) order by seq`, [
        measures,
    ])
}
