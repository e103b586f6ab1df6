/** Routes of partners' questions about a case, for staff. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { byId, emptyAnswer } from "../../kernel/schemas.ts"
import { recordReads } from "../cases/actions/record-reads.ts"
import { answerQuestion, listQuestionsOfCase } from "./actions/answer-question.ts"
import { answerBody, caseQuestionsAnswer, questionParams } from "./schemas.ts"

const console = { side: "console" as const }

export const routes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/questions",
            permission: "warning_question:read",
            summary: "Lists partners' questions about a case with their answers, newest first",
            params: byId,
            answer: caseQuestionsAnswer,
        },
        async ({ params, ...ctx }) => {
            const questions = await listQuestionsOfCase(ctx, params.id)
            if (questions.length > 0) await recordReads(ctx, "questions", [params.id])
            return {
                questions: questions.map(({ case: _, askedAt, answer, ...question }) => ({
                    ...question,
                    askedAt: formatInstant(askedAt),
                    answer: answer && { ...answer, at: formatInstant(answer.at) },
                })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/cases/{id}/questions/{question}/answer",
            permission: "warning_question:answer",
            summary: "Answers a partner's question once, to that partner or to all recipients without naming it",
            params: questionParams,
            body: answerBody,
            answer: emptyAnswer,
        },
        async ({ params, body: { text, audience, question = null }, ...ctx }) => {
            await answerQuestion(ctx, { case: params.id, id: params.question }, { text, question }, audience)
            return {}
        },
    ),
]
