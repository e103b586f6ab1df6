/** The rows of measures and letters. A measure is never changed but by its end, a letter never but by its answer. */
import type { Instant } from "../../lib/instant.ts"
import type { Tx } from "../../platform/db.ts"
import type { MeasureKind } from "./measure.ts"

export interface MeasureRow {
    readonly id: string
    readonly kind: MeasureKind
    readonly partner: string | null
    readonly policy: number | null
    readonly reason_box: Buffer
    readonly taken_by: string
    readonly taken_at: Instant
    readonly review_by: Instant | null
    readonly approval: string | null
    readonly ended_at: Instant | null
}

export async function insertMeasure(tx: Tx, row: Omit<MeasureRow, "ended_at">): Promise<void> {
    await tx.query(
        `insert into measures (id, kind, partner, policy, reason_box, taken_by, taken_at, review_by, approval)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            row.id,
            row.kind,
            row.partner,
            row.policy,
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

export interface LetterRow {
    readonly id: string
    readonly partner: string
    readonly measure: string
    readonly text_box: Buffer
    readonly sent_at: Instant
    readonly answer_box: Buffer | null
    readonly answered_by: string | null
    readonly answered_at: Instant | null
}

export async function insertLetter(
    tx: Tx,
    row: Pick<LetterRow, "id" | "partner" | "measure" | "text_box" | "sent_at">,
): Promise<void> {
    await tx.query("insert into letters (id, partner, measure, text_box, sent_at) values ($1, $2, $3, $4, $5)", [
        row.id,
        row.partner,
        row.measure,
        row.text_box,
        new Date(row.sent_at),
    ])
}

/** To one partner, newest first. */
export async function lettersTo(tx: Tx, partner: string): Promise<LetterRow[]> {
    return await tx.query<LetterRow>("select * from letters where partner = $1 order by seq desc", [partner])
}

/** About one measure, oldest first. */
export async function lettersAbout(tx: Tx, measure: string): Promise<LetterRow[]> {
    return await tx.query<LetterRow>("select * from letters where measure = $1 order by seq", [measure])
}

/** Only where it is a letter to this partner. */
export async function letterTo(tx: Tx, partner: string, id: string): Promise<LetterRow | undefined> {
    return (await tx.query<LetterRow>("select * from letters where id = $1 and partner = $2", [id, partner]))[0]
}

/** False where it was answered before. */
export async function setAnswer(
    tx: Tx,
    id: string,
    answer: { readonly box: Buffer; readonly by: string; readonly at: Instant },
): Promise<boolean> {
    const rows = await tx.query(
        `update letters set answer_box = $2, answered_by = $3, answered_at = $4
         where id = $1 and answered_at is null returning id`,
        [id, answer.box, answer.by, new Date(answer.at)],
    )
    return rows.length === 1
}
