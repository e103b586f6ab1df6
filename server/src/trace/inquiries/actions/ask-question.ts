/**
 * Asks questions of partners. The partner's leads read only the question, in every status. One of them answers once,
 * before the deadline. All events of a question are confidential.
 */
import { refuse } from "@tocsin/base/refusal"
import { hide } from "../../../kernel/route.ts"
import type { BackgroundJob } from "../../../kernel/worker.ts"
import { unreachedBy } from "../../../share/delivery/notices/actions/record-bounce.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { partnerFactsOf } from "../../../trust/partners/actions/load-facts.ts"
import { assertLead } from "../../../trust/partners/roster/actions/manage-roster.ts"
import {
    type Asked,
    type HeardQuestion,
    type Question,
    type Statement,
    validateQuestion,
    validateStatement,
    assertWaited,
    questionsMax,
    stateOf,
} from "../question.ts"
import * as inquiries from "../store.ts"
import * as store from "../store/questions.ts"
import { memberOf, memberOfOpen, assertOperator } from "./check-membership.ts"
import { saveTexts, openWords } from "./load-texts.ts"

/**
 * Puts a question to a partner and returns the question's id. Refuses `question.too_many`, and a finding that is not
 * open or concerns another partner.
 */
export async function ask(ctx: ActionContext, inquiry: string, request: Asked): Promise<string> {
    await memberOfOpen(ctx, inquiry)
    validateQuestion(request, ctx.now)
    const { kind, partner, finding, answerBy } = request
    await partnerFactsOf(ctx, partner, ctx.now)
    if (finding !== null) await validateProposedAbout(ctx, inquiry, finding, partner)
    if ((await store.listQuestions(ctx.tx, inquiry)).length >= questionsMax) {
        refuse("conflict", "question.too_many", `an inquiry has \`${questionsMax}\` questions at most`)
    }
    const id = ctx.services.newId()
    const { box, words: text } = await saveTexts(ctx, inquiry, placeOf(id), { text: request.text })
    await store.insertQuestion(ctx.tx, {
        id,
        inquiry,
        partner,
        kind,
        finding,
        text_ciphertext: box,
        asked_by: assertOperator(ctx),
        asked_at: ctx.now,
        answer_due_at: answerBy,
    })
    const event = { question: id, inquiry, partner, asks: kind, finding, answerBy, words: text }
    await record(ctx, { kind: "question.asked", ...event }, true)
    return id
}

async function validateProposedAbout(
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
export async function ownQuestions(ctx: ActionContext): Promise<Question[]> {
    const { partner } = assertLead(ctx)
    return await presentAll(ctx, await store.listQuestionsTo(ctx.tx, partner))
}

/** Records a lead's statement, once and before the deadline. */
export async function answerQuestion(ctx: ActionContext, id: string, { text, deleted }: Statement): Promise<void> {
    const { partner, person } = assertLead(ctx)
    const row = (await store.lockQuestionTo(ctx.tx, partner, id)) ?? hide()
    validateStatement({ text, deleted }, row.kind)
    assertWaited({ answer: row.answer_ciphertext, answerBy: row.answer_due_at }, ctx.now)
    const { inquiry } = row
    const { box, words: value } = await saveTexts(ctx, inquiry, answerPlaceOf(id), { deleted, text })
    await store.setAnswer(ctx.tx, id, { box, by: person, at: ctx.now })
    await record(ctx, { kind: "question.answered", question: id, inquiry, partner, words: value }, true)
}

/**
 * Marks an answer or its absence as read, which completes the task. Repeating it changes nothing. Refuses
 * `question.not_found` and `question.still_open`.
 */
export async function noteQuestion(ctx: ActionContext, inquiry: string, id: string): Promise<void> {
    await memberOf(ctx, inquiry)
    const row = (await store.listQuestions(ctx.tx, inquiry)).find((question) => question.id === id)
    if (!row) refuse("missing", "question.not_found", "no such question")
    if (stateOf({ answer: row.answer_ciphertext, answerBy: row.answer_due_at }, ctx.now) === "open") {
        refuse("conflict", "question.still_open", "this question is still open: wait for the answer or the deadline")
    }
    if (row.read_at !== null) return
    await store.setNoted(ctx.tx, id, assertOperator(ctx), ctx.now)
    await record(ctx, { kind: "question.read", question: id, inquiry }, true)
}

/** Lists an inquiry's questions, oldest first. The caller has checked membership. */
export async function questionsOf(ctx: ActionContext, inquiry: string): Promise<HeardQuestion[]> {
    const heardQuestions: HeardQuestion[] = []
    for (const question of await presentAll(ctx, await store.listQuestions(ctx.tx, inquiry))) {
        heardQuestions.push({ ...question, unreached: await unreachedBy(ctx, question.id) })
    }
    return heardQuestions
}

export interface UnnotedQuestion {
    readonly id: string
    readonly inquiry: string
    readonly partner: string
    readonly since: number
    /** The only people who are notified. */
    readonly members: readonly string[]
}

/** Lists questions that are answered or expired, and that no member has read. */
export async function unnotedQuestions(ctx: ActionContext): Promise<UnnotedQuestion[]> {
    const rows = await store.unnoted(ctx.tx, ctx.now)
    if (rows.length === 0) return []
    const members = await inquiries.listMembersAmong(
        ctx.tx,
        rows.map(({ inquiry }) => inquiry),
    )
    return rows.map(({ id, inquiry, partner, answered_at: at, answer_due_at: by }) => ({
        id,
        inquiry,
        partner,
        since: at ?? by,
        members: members.get(inquiry) ?? [],
    }))
}

/** Records, once, each deadline that passed without an answer. */
export const expireQuestionsJob: BackgroundJob = {
    name: "lapsing",
    isUnhurried: true,
    run: (services) =>
        services.db.transaction(async (tx) => {
            const now = await services.clock.now(tx)
            const row = await store.claimLapsed(tx, now)
            if (row === undefined) return false
            const ctx: ActionContext = { tx, now, services, actor: { kind: "system", step: "lapsing" } }
            const { id, inquiry, partner } = row
            await record(ctx, { kind: "question.expired", question: id, inquiry, partner }, true)
            return true
        }),
}

async function presentAll(ctx: ActionContext, rows: readonly store.QuestionRow[]): Promise<Question[]> {
    const questions: Question[] = []
    for (const row of rows) questions.push(await present(ctx, row))
    return questions
}

async function present(ctx: ActionContext, row: store.QuestionRow): Promise<Question> {
    const { id, inquiry, partner, kind, finding, answer_due_at: answerBy } = row
    const words = await openWords<{ readonly text: string }>(ctx, inquiry, placeOf(id), row.text_ciphertext)
    const request = { askedBy: row.asked_by, askedAt: row.asked_at, notedAt: row.read_at }
    const input = { ...words, id, partner, kind, finding, answerBy, ...request }
    const { answer_ciphertext: box, answered_by: by, answered_at: at } = row
    if (box === null || by === null || at === null) return { ...input, answer: null }
    return { ...input, answer: { ...(await openWords<Statement>(ctx, inquiry, answerPlaceOf(id), box)), by, at } }
}

const placeOf = (id: string): string => `inquiry_questions.words:${id}`
const answerPlaceOf = (id: string): string => `inquiry_questions.answer:${id}`
