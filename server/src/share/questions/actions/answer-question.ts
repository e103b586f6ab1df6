/** Lists partners' questions about a case for staff, and records the one answer to each. */
import { refuse } from "@tocsin/base/refusal"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personOf } from "../../../kernel/actor.ts"
import { assertCaseExists, decryptForCase, encryptForCase } from "../../cases/actions/load-case.ts"
import { type Answer, type Audience, type WarningQuestion, validateAnswer } from "../question.ts"
import * as store from "../store.ts"

export const textPlace = (id: string): string => `warning_questions.text:${id}`
const answerPlace = (id: string): string => `warning_questions.answer:${id}`

/** Lists the questions about a case, newest first. Refuses `case.not_found`. */
export async function listQuestionsOfCase(ctx: ActionContext, caseId: string): Promise<WarningQuestion[]> {
    await assertCaseExists(ctx, caseId)
    const questions: WarningQuestion[] = []
    for (const row of await store.listQuestionsOfCase(ctx.tx, caseId)) questions.push(await decryptQuestion(ctx, row))
    return questions
}

/** Answers a question, once. Refuses `warning_question.not_found` and `warning_question.already_answered`. */
export async function answerQuestion(
    ctx: ActionContext,
    { case: caseId, id }: { readonly case: string; readonly id: string },
    answer: Answer,
    audience: Audience,
): Promise<void> {
    validateAnswer(answer, audience)
    const row = await store.lockQuestion(ctx.tx, caseId, id)
    if (row === undefined) refuse("missing", "warning_question.not_found", "no such question")
    if (row.answered_at !== null) {
        refuse("conflict", "warning_question.already_answered", "this question was already answered")
    }
    const by = personOf(ctx.actor)
    if (by === null) throw new Error("only staff answer questions")
    const ciphertext = await encryptForCase(ctx, caseId, answerPlace(id), JSON.stringify(answer))
    await store.setAnswer(ctx.tx, id, { ciphertext, audience, by, at: ctx.now })
    const event = { question: id, case: caseId, partner: row.partner, audience }
    await record(ctx, { kind: "warning_question.answered", ...event }, true)
}

const deletedAnswer = JSON.stringify({ text: "", question: null } satisfies Answer)

export interface UnansweredQuestion {
    readonly id: string
    readonly case: string
    readonly partner: string
    readonly askedAt: number
}

/** Lists the questions without an answer, oldest first, without their texts. */
export async function listUnansweredQuestions(ctx: ActionContext): Promise<UnansweredQuestion[]> {
    return (await store.listUnanswered(ctx.tx)).map(({ id, case: caseId, partner, asked_at: askedAt }) => ({
        id,
        case: caseId,
        partner,
        askedAt,
    }))
}

export async function decryptQuestion(ctx: ActionContext, row: store.QuestionRow): Promise<WarningQuestion> {
    const { id, partner, person, asked_at: askedAt, answer_ciphertext: ciphertext } = row
    const text = await decryptForCase(ctx, row.case, textPlace(id), row.text_ciphertext, "")
    const question = { id, case: row.case, partner, person, text, askedAt }
    const { audience, answered_by: by, answered_at: at } = row
    if (ciphertext === null || audience === null || by === null || at === null) return { ...question, answer: null }
    const answer = JSON.parse(await decryptForCase(ctx, row.case, answerPlace(id), ciphertext, deletedAnswer)) as Answer
    return { ...question, answer: { ...answer, audience, by, at } }
}
