/** The rows of questions to partners. A question is never changed but by its answer, its lapse, and by being noted. */
import type { Instant } from "../../../lib/instant.ts"
import type { Tx } from "../../../platform/db.ts"
import type { QuestionKind } from "../question.ts"

export interface QuestionRow {
    readonly id: string
    readonly inquiry: string
    readonly partner: string
    readonly kind: QuestionKind
    readonly finding: string | null
    readonly words_box: Buffer
    readonly asked_by: string
    readonly asked_at: Instant
    readonly answer_by: Instant
    readonly answer_box: Buffer | null
    readonly answered_by: string | null
    readonly answered_at: Instant | null
    readonly noted_at: Instant | null
}

type NewQuestion = Omit<QuestionRow, "answer_box" | "answered_by" | "answered_at" | "noted_at">

export async function insertQuestion(tx: Tx, row: NewQuestion): Promise<void> {
    await tx.query(
        `insert into inquiry_questions (id, inquiry, partner, kind, finding, words_box, asked_by, asked_at, answer_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            ...[row.id, row.inquiry, row.partner, row.kind, row.finding, row.words_box, row.asked_by],
            ...[new Date(row.asked_at), new Date(row.answer_by)],
        ],
    )
}

/** Of one inquiry, oldest first. */
export async function questionsOf(tx: Tx, inquiry: string): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>("select * from inquiry_questions where inquiry = $1 order by seq", [inquiry])
}

/** To one partner, of whatever inquiries, newest first. */
export async function questionsTo(tx: Tx, partner: string): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>("select * from inquiry_questions where partner = $1 order by seq desc", [
        partner,
    ])
}

/** Held until the transaction ends; only where it is put to this partner. */
export async function lockQuestionTo(tx: Tx, partner: string, id: string): Promise<QuestionRow | undefined> {
    const rows = await tx.query<QuestionRow>(
        "select * from inquiry_questions where id = $1 and partner = $2 for update",
        [id, partner],
    )
    return rows[0]
}

export async function setAnswer(
    tx: Tx,
    id: string,
    answer: { readonly box: Buffer; readonly by: string; readonly at: Instant },
): Promise<void> {
    await tx.query("update inquiry_questions set answer_box = $2, answered_by = $3, answered_at = $4 where id = $1", [
        ...[id, answer.box, answer.by, new Date(answer.at)],
    ])
}

export async function setNoted(tx: Tx, id: string, by: string, at: Instant): Promise<void> {
    await tx.query("update inquiry_questions set noted_by = $2, noted_at = $3 where id = $1", [id, by, new Date(at)])
}

/** One whose time is over and of which that was not recorded, as lapsed from now on. */
export async function takeLapsed(tx: Tx, now: Instant): Promise<QuestionRow | undefined> {
    const rows = await tx.query<QuestionRow>(
        `update inquiry_questions set lapsed_at = $1 where id = (
            select id from inquiry_questions where answered_at is null and lapsed_at is null and answer_by <= $1
            order by answer_by limit 1 for update skip locked
         ) returning *`,
        [new Date(now)],
    )
    return rows[0]
}

/** Answered, or not in time, and no member has noted it; oldest first. */
export async function unnoted(tx: Tx, now: Instant): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select * from inquiry_questions where noted_at is null and (answered_at is not null or answer_by <= $1)
         order by seq`,
        [new Date(now)],
    )
}
