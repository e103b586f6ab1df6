/** Stores questions of partners about warnings, with their answers. */
import type { Instant } from "@tocsin/base/instant"
import type { Tx } from "../../platform/postgres/db.ts"
import type { Audience } from "./question.ts"

export interface QuestionRow {
    readonly id: string
    readonly case: string
    readonly partner: string
    readonly person: string
    readonly text_ciphertext: Buffer
    readonly asked_at: Instant
    readonly answer_ciphertext: Buffer | null
    readonly audience: Audience | null
    readonly answered_by: string | null
    readonly answered_at: Instant | null
}

const columns = `id, case_id as case, partner_id as partner, person_id as person, text_ciphertext, asked_at,
    answer_ciphertext, audience, answered_by, answered_at`

export type NewQuestion = Pick<QuestionRow, "id" | "case" | "partner" | "person" | "text_ciphertext" | "asked_at">

export async function insertQuestion(tx: Tx, event: number, row: NewQuestion): Promise<void> {
    await tx.query(
        `insert into warning_questions (id, event_id, case_id, partner_id, person_id, text_ciphertext, asked_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [row.id, event, row.case, row.partner, row.person, row.text_ciphertext, new Date(row.asked_at)],
    )
}

/** Counts the questions of a partner about a case. */
export async function countQuestions(tx: Tx, partner: string, caseId: string): Promise<number> {
    const rows = await tx.query<{ count: number }>(
        "select count(*)::int as count from warning_questions where partner_id = $1 and case_id = $2",
        [partner, caseId],
    )
    return rows[0]?.count ?? 0
}

/** Lists the questions of a case, newest first. */
export async function listQuestionsOfCase(tx: Tx, caseId: string): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select ${columns} from warning_questions where case_id = $1 order by event_id desc`,
        [caseId],
    )
}

/** Lists what a partner may read of these cases, newest first: its own questions, and answers to all recipients. */
export async function listQuestionsForPartner(
    tx: Tx,
    partner: string,
    cases: readonly string[],
): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select ${columns} from warning_questions
         where case_id = any($2) and (partner_id = $1 or audience = 'recipients') order by event_id desc`,
        [partner, [...cases]],
    )
}

/** Lists the questions without an answer, oldest first. */
export async function listUnanswered(tx: Tx): Promise<QuestionRow[]> {
    return await tx.query<QuestionRow>(
        `select ${columns} from warning_questions where answered_at is null order by event_id`,
    )
}

/** Locks a question of a case until the transaction ends. */
export async function lockQuestion(tx: Tx, caseId: string, id: string): Promise<QuestionRow | undefined> {
    const rows = await tx.query<QuestionRow>(
        `select ${columns} from warning_questions where case_id = $1 and id = $2 for update`,
        [caseId, id],
    )
    return rows[0]
}

export interface AnswerFields {
    readonly ciphertext: Buffer
    readonly audience: Audience
    readonly by: string
    readonly at: Instant
}

export async function setAnswer(tx: Tx, id: string, answer: AnswerFields): Promise<void> {
    await tx.query(
        `update warning_questions set answer_ciphertext = $2, audience = $3, answered_by = $4, answered_at = $5
         where id = $1`,
        [id, answer.ciphertext, answer.audience, answer.by, new Date(answer.at)],
    )
}
