/** Stores questions to partners. Only an answer, an expiry or a mark as read changes a question. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../../platform/postgres/db.ts"
import type { QuestionKind } from "../question.ts"

export interface QuestionRow {
    readonly id: string
    readonly inquiry: string
    readonly partner: string
    readonly kind: QuestionKind
    readonly finding: string | null
    readonly text_ciphertext: Buffer
    readonly asked_by: string
    readonly asked_at: Instant
    readonly answer_due_at: Instant
    readonly answer_ciphertext: Buffer | null
    readonly answered_by: string | null
    readonly answered_at: Instant | null
    readonly read_at: Instant | null
}

const questionColumns = `id, inquiry_id as inquiry, partner_id as partner, kind, finding_id as finding,
    text_ciphertext, asked_by, asked_at, answer_due_at, answer_ciphertext, answered_by,
    answered_at, read_at`

type NewQuestion = Omit<QuestionRow, "answer_ciphertext" | "answered_by" | "answered_at" | "read_at">

/** Inserts a question. */
export async function insertQuestion(tx: Tx, row: NewQuestion): Promise<void> {
    await tx.query(
        `insert into inquiry_questions (id, inquiry_id, partner_id, kind, finding_id, text_ciphertext, asked_by,
         asked_at, answer_due_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
            row.id,
            row.inquiry,
            row.partner,
            row.kind,
            row.finding,
            row.text_ciphertext,
            row.asked_by,
            new Date(row.asked_at),
            new Date(row.answer_due_at),
        ],
    )
}

/** Lists the questions of one inquiry, oldest first. */
export async function listQuestions(tx: Tx, inquiry: string): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select ${questionColumns} from inquiry_questions where inquiry_id = $1 order by seq`,
        [inquiry],
    )
}

/** Lists the questions to one partner from all inquiries, newest first. */
export async function listQuestionsTo(tx: Tx, partner: string): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select ${questionColumns} from inquiry_questions where partner_id = $1 order by seq desc`,
        [partner],
    )
}

/** Locks a question until the transaction ends, where it is put to this partner. */
export async function lockQuestionTo(tx: Tx, partner: string, id: string): Promise<QuestionRow | undefined> {
    const rows = await tx.query<QuestionRow>(
        `select ${questionColumns} from inquiry_questions where id = $1 and partner_id = $2 for update`,
        [id, partner],
    )
    return rows[0]
}

/** Sets the answer of a question. */
export async function setAnswer(
    tx: Tx,
    id: string,
    answer: { readonly ciphertext: Buffer; readonly by: string; readonly at: Instant },
): Promise<void> {
    await tx.query(
        "update inquiry_questions set answer_ciphertext = $2, answered_by = $3, answered_at = $4 where id = $1",
        [id, answer.ciphertext, answer.by, new Date(answer.at)],
    )
}

/** Marks a question as read. */
export async function setRead(tx: Tx, id: string, by: string, at: Instant): Promise<void> {
    await tx.query("update inquiry_questions set read_by = $2, read_at = $3 where id = $1", [id, by, new Date(at)])
}

/** Claims one question that has expired and was not recorded, and marks it as expired. */
export async function claimExpired(tx: Tx, now: Instant): Promise<QuestionRow | undefined> {
    const rows = await tx.query<QuestionRow>(
        `update inquiry_questions set expired_at = $1 where id = (
            select id from inquiry_questions where answered_at is null and expired_at is null and answer_due_at <= $1
            order by answer_due_at limit 1 for update skip locked
         ) returning ${questionColumns}`,
        [new Date(now)],
    )
    return rows[0]
}

/** Lists answered or expired questions that no member has read, oldest first. */
export async function listUnread(tx: Tx, now: Instant): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select ${questionColumns} from inquiry_questions
         where read_at is null and (answered_at is not null or answer_due_at <= $1)
         order by seq`,
        [new Date(now)],
    )
}
