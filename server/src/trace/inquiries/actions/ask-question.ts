/**
 * Asks questions of partners. The partner's leads read only the question, in every status. One of them answers once,
 * before the deadline. All events of a question are confidential.
 */
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../kernel/route.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { countUnreachedPeople } from "../../../share/delivery/notices/actions/record-bounce.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { loadPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { assertLead } from "../../../trust/partners/roster/actions/manage-roster.ts"
import {
    type QuestionRequest,
    type QuestionWithDelivery,
    type Question,
    type Statement,
    validateQuestion,
    validateStatement,
    assertQuestionOpen,
    questionsMax,
    stateOf,
} from "../question.ts"
import * as inquiries from "../store/inquiries.ts"
import * as store from "../store/questions.ts"
import { lockInquiryAsMember, lockOpenInquiryAsMember, assertOperator } from "./check-membership.ts"
import { encryptTexts, decryptTexts } from "./encrypt-texts.ts"

/**
 * Puts a question to a partner and returns the question's id. Refuses `question.too_many`, and a finding that is not
 * open or concerns another partner.
 */
export async function askQuestion(ctx: ActionContext, inquiry: string, request: QuestionRequest): Promise<string> {
    await lockOpenInquiryAsMember(ctx, inquiry)
    validateQuestion(request, ctx.now)
    const { kind, partner, finding, answerBy } = request
    await loadPartnerFacts(ctx, partner, ctx.now)
    if (finding !== null) await assertFindingAbout(ctx, inquiry, finding, partner)
    if ((await store.listQuestions(ctx.tx, inquiry)).length >= questionsMax) {
        refuse("conflict", "question.too_many", `an inquiry has \`${questionsMax}\` questions at most`, {
            max: questionsMax,
        })
    }
    const id = ctx.services.newId()
    const { ciphertext, commitment } = await encryptTexts(ctx, inquiry, placeOf(id), { text: request.text })
    await store.insertQuestion(ctx.tx, {
        id,
        inquiry,
        partner,
        kind,
        finding,
        text_ciphertext: ciphertext,
        asked_by: assertOperator(ctx),
        asked_at: ctx.now,
        answer_due_at: answerBy,
    })
    const event = { question: id, inquiry, partner, asks: kind, finding, answerBy, text: commitment }
    await record(ctx, { kind: "question.asked", ...event }, true)
    return id
}

async function assertFindingAbout(
    ctx: ActionContext,
    inquiry: string,
    finding: string,
    partner: string,
): Promise<void> {
    const row = (await inquiries.listFindings(ctx.tx, inquiry)).find((row) => row.id === finding)
    if (row?.partner === partner && row.confirmed_at === null) return
    refuse(
        "conflict",
        "question.finding_mismatch",
        "no proposed, unconfirmed finding concerns this partner: choose another finding",
    )
}

/** Lists the questions to the acting lead's partner, newest first. */
export async function listQuestionsForPartner(ctx: ActionContext): Promise<Question[]> {
    const { partner } = assertLead(ctx)
    return await decryptQuestions(ctx, await store.listQuestionsTo(ctx.tx, partner))
}

/** Records a lead's statement, once and before the deadline. */
export async function answerQuestion(ctx: ActionContext, id: string, { text, deleted }: Statement): Promise<void> {
    const { partner, person } = assertLead(ctx)
    const row = (await store.lockQuestionTo(ctx.tx, partner, id)) ?? hide()
    validateStatement({ text, deleted }, row.kind)
    assertQuestionOpen({ answer: row.answer_ciphertext, answerBy: row.answer_due_at }, ctx.now)
    const { inquiry } = row
    const { ciphertext, commitment } = await encryptTexts(ctx, inquiry, answerPlaceOf(id), { deleted, text })
    await store.setAnswer(ctx.tx, id, { ciphertext, by: person, at: ctx.now })
    await record(ctx, { kind: "question.answered", question: id, inquiry, partner, text: commitment }, true)
}

/**
 * Marks an answer or its absence as read, which completes the task. Repeating it changes nothing. Refuses
 * `question.not_found` and `question.still_open`.
 */
export async function markQuestionRead(ctx: ActionContext, inquiry: string, id: string): Promise<void> {
    await lockInquiryAsMember(ctx, inquiry)
    const row = (await store.listQuestions(ctx.tx, inquiry)).find((question) => question.id === id)
    if (!row) refuse("missing", "question.not_found", "no such question")
    if (stateOf({ answer: row.answer_ciphertext, answerBy: row.answer_due_at }, ctx.now) === "open") {
        refuse("conflict", "question.still_open", "this question is still open: wait for the answer or the deadline")
    }
    if (row.read_at !== null) return
    await store.setRead(ctx.tx, id, assertOperator(ctx), ctx.now)
    await record(ctx, { kind: "question.read", question: id, inquiry }, true)
}

/** Lists an inquiry's questions, oldest first. The caller has checked membership. */
export async function listQuestions(ctx: ActionContext, inquiry: string): Promise<QuestionWithDelivery[]> {
    const questions: QuestionWithDelivery[] = []
    for (const question of await decryptQuestions(ctx, await store.listQuestions(ctx.tx, inquiry))) {
        questions.push({ ...question, unreached: await countUnreachedPeople(ctx, question.id) })
    }
    return questions
}

/** Whether a partner was asked in the inquiry. Decrypts nothing. */
export async function hasAnyQuestion(ctx: ActionContext, inquiry: string): Promise<boolean> {
    return (await store.listQuestions(ctx.tx, inquiry)).length > 0
}

export interface UnreadQuestion {
    readonly id: string
    readonly inquiry: string
    readonly partner: string
    readonly since: number
    /** The only people who are notified. */
    readonly members: readonly string[]
}

/** Lists questions that are answered or expired, and that no member has read. */
export async function listUnreadQuestions(ctx: ActionContext): Promise<UnreadQuestion[]> {
    const rows = await store.listUnread(ctx.tx, ctx.now)
    if (rows.length === 0) return []
    const members = await inquiries.listMembersAmong(
        ctx.tx,
        rows.map(({ inquiry }) => inquiry),
    )
    return rows.map(({ id, inquiry, partner, answered_at: answeredAt, answer_due_at: dueAt }) => ({
        id,
        inquiry,
        partner,
        since: answeredAt ?? dueAt,
        members: members.get(inquiry) ?? [],
    }))
}

/** Records, once, each deadline that passed without an answer. */
export const expireQuestionsJob: BackgroundJob = {
    name: "lapsing",
    runsSeldom: true,
    run: (services) =>
        services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const row = await store.claimExpired(tx, now)
            if (row === undefined) return false
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", component: "lapsing" } }
            const { id, inquiry, partner } = row
            await record(ctx, { kind: "question.expired", question: id, inquiry, partner }, true)
            return true
        }),
}

async function decryptQuestions(ctx: ActionContext, rows: readonly store.QuestionRow[]): Promise<Question[]> {
    const questions: Question[] = []
    for (const row of rows) questions.push(await decryptQuestion(ctx, row))
    return questions
}

async function decryptQuestion(ctx: ActionContext, row: store.QuestionRow): Promise<Question> {
    const { id, inquiry, partner, kind, finding, answer_due_at: answerBy } = row
    const texts = await decryptTexts<{ readonly text: string }>(ctx, inquiry, placeOf(id), row.text_ciphertext)
    const request = { askedBy: row.asked_by, askedAt: row.asked_at, readAt: row.read_at }
    const question = { ...texts, id, partner, kind, finding, answerBy, ...request }
    const { answer_ciphertext: answerCiphertext, answered_by: by, answered_at: at } = row
    if (answerCiphertext === null || by === null || at === null) return { ...question, answer: null }
    return {
        ...question,
        answer: { ...(await decryptTexts<Statement>(ctx, inquiry, answerPlaceOf(id), answerCiphertext)), by, at },
    }
}

const placeOf = (id: string): string => `inquiry_questions.text:${id}`
const answerPlaceOf = (id: string): string => `inquiry_questions.answer:${id}`
