/** The rows of measures and their reviews. A measure is never changed but by its end, a review never. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"
import type { MeasureKind } from "../measure.ts"

export interface MeasureRow {
    readonly id: string
    readonly kind: MeasureKind
    readonly partner: string | null
    readonly policy: number | null
    readonly procedure: string | null
    readonly reason_box: Buffer
    readonly taken_by: string
    readonly taken_at: Instant
    readonly review_by: Instant | null
    readonly approval: string | null
    readonly ended_at: Instant | null
}

export async function insertMeasure(tx: Tx, row: Omit<MeasureRow, "ended_at">): Promise<void> {
    await tx.query(
        `insert into measures (id, kind, partner, policy, procedure, reason_box, taken_by, taken_at, review_by,
         approval) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
            row.id,
            row.kind,
            row.partner,
            row.policy,
            row.procedure,
            row.reason_box,
            row.taken_by,
            new Date(row.taken_at),
            row.review_by === null ? null : new Date(row.review_by),
            row.approval,
        ],
    )
}

/** Of one partner (null: all), newest first. */
export async function measures(tx: Tx, partner: string | null): Promise<MeasureRow[]> {
    return await tx.query<MeasureRow>(
        "select * from measures where $1::uuid is null or partner = $1 order by seq desc",
        [partner],
    )
}

export async function measure(tx: Tx, id: string): Promise<MeasureRow | undefined> {
    return (await tx.query<MeasureRow>("select * from measures where id = $1", [id]))[0]
}

/** Those of a kind that have not ended, of one partner (null: of none, by duty). */
export async function openMeasures(tx: Tx, kind: MeasureKind, partner: string | null): Promise<MeasureRow[]> {
    return await tx.query<MeasureRow>(
        `select * from measures where kind = $1 and partner is not distinct from $2::uuid and ended_at is null
         order by seq`,
        [kind, partner],
    )
}

export async function setEnded(tx: Tx, id: string, at: Instant): Promise<void> {
    await tx.query("update measures set ended_at = $2 where id = $1 and ended_at is null", [id, new Date(at)])
}

/** Of a kind, of whichever partner, oldest first. */
export async function openOfKind(tx: Tx, kind: MeasureKind): Promise<MeasureRow[]> {
    return await tx.query<MeasureRow>("select * from measures where kind = $1 and ended_at is null order by seq", [
        kind,
    ])
}

/** Held until the transaction ends. */
export async function lockMeasure(tx: Tx, id: string): Promise<MeasureRow | undefined> {
    return (await tx.query<MeasureRow>("select * from measures where id = $1 for update", [id]))[0]
}

export interface ReviewRow {
    readonly id: string
    readonly measure: string
    readonly procedure: string | null
    readonly review_by: Instant | null
    readonly approval: string
    readonly reason_box: Buffer
    readonly decided_at: Instant
}

export async function insertReview(tx: Tx, row: ReviewRow): Promise<void> {
    await tx.query(
        `insert into reviews (id, measure, procedure, review_by, approval, reason_box, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
            ...[row.id, row.measure, row.procedure, row.review_by === null ? null : new Date(row.review_by)],
            ...[row.approval, row.reason_box, new Date(row.decided_at)],
        ],
    )
}

/** Of these measures, oldest first. */
export async function reviews(tx: Tx, measures: readonly string[]): Promise<ReviewRow[]> {
    return await tx.query<ReviewRow>("select * from reviews where measure = any($1) order by seq", [measures])
}
