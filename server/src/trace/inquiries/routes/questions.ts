/**
 * Routes of questions to partners. Members ask and mark answers as read. Leads of the partner read and answer, and see
 * nothing else.
 */
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { answerQuestion, askQuestion, markQuestionRead, listQuestionsForPartner } from "../actions/ask-question.ts"
import { type Question, stateOf } from "../question.ts"
import { byId } from "../../../kernel/schemas.ts"
import {
    answerInquiryAnswer,
    answerInquiryBody,
    markReadQuestionAnswer,
    markReadQuestionParams,
    newQuestionAnswer,
    newQuestionBody,
    partnerQuestionsAnswer,
} from "../schemas.ts"

const console = { side: "console" as const }
const portal = { side: "portal" as const }

export const questionRoutes = [
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/questions",
            permission: "inquiry:write",
            summary: "Asks a partner one question with a deadline; the partner sees nothing else",
            creates: true,
            params: byId,
            body: newQuestionBody,
            answer: newQuestionAnswer,
        },
        async ({ body: { finding = null, answerBy, ...rest }, params, ...ctx }) => ({
            question: await askQuestion(ctx, params.id, { ...rest, finding, answerBy: parseInstant(answerBy) }),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/questions/{question}/mark-read",
            permission: "inquiry:read",
            summary: "Marks an answer, or its absence, as read",
            params: markReadQuestionParams,
            answer: markReadQuestionAnswer,
        },
        async ({ params, ...ctx }) => {
            await markQuestionRead(ctx, params.id, params.question)
            return { read: true }
        },
    ),
]

/** Presents a question to its partner, without the requester, the inquiry and other partners. */
function presentQuestionForPartner({ id: question, kind, text, askedAt, answerBy, answer }: Question, now: Instant) {
    return {
        id: question,
        kind,
        text,
        askedAt: formatInstant(askedAt),
        answerBy: formatInstant(answerBy),
        state: stateOf({ answer, answerBy }, now),
        answer: answer?.text ?? null,
        deleted: answer?.deleted ?? null,
        answeredAt: answer && formatInstant(answer.at),
    }
}

export const partnerQuestionRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/inquiries",
            permission: "question:own",
            summary: "Lists the questions to this partner for its leads, newest first, in every status",
            answer: partnerQuestionsAnswer,
        },
        async (ctx) => ({
            questions: (await listQuestionsForPartner(ctx)).map((question) =>
                presentQuestionForPartner(question, ctx.now),
            ),
        }),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/inquiries/{id}/answer",
            permission: "question:own",
            summary: "Answers a question, once and before its deadline",
            params: byId,
            body: answerInquiryBody,
            answer: answerInquiryAnswer,
        },
        async ({ params, body: { text, deleted = null }, ...ctx }) => {
            await answerQuestion(ctx, params.id, { text, deleted })
            return { answered: true }
        },
    ),
]
