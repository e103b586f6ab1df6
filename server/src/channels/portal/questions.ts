/** Routes of this partner's questions about its warnings. */
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { byId } from "../../kernel/schemas.ts"
import {
    type PartnerQuestion,
    askOperator,
    listQuestionsForPartner,
} from "../../share/questions/actions/ask-operator.ts"
import { newQuestionAnswer, newQuestionBody, warningQuestionsAnswer } from "../../share/questions/schemas.ts"
import { loadWarnedCase } from "./access-lists.ts"

const portal = { side: "portal" as const }

function presentQuestion({ askedAt, answeredAt, ...question }: PartnerQuestion) {
    return {
        ...question,
        askedAt: askedAt === null ? null : formatInstant(askedAt),
        answeredAt: answeredAt === null ? null : formatInstant(answeredAt),
    }
}

export const warningQuestionRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/warning-questions",
            permission: "warning_question:own",
            summary: "Lists this partner's questions about its warnings, and answers to all recipients, newest first",
            answer: warningQuestionsAnswer,
        },
        async (ctx) => ({ questions: (await listQuestionsForPartner(ctx)).map(presentQuestion) }),
    ),
    route(
        {
            ...portal,
            method: "POST",
            path: "/api/warnings/{id}/questions",
            permission: "warning_question:own",
            summary: "Asks the operator about a warning, in private",
            creates: true,
            params: byId,
            body: newQuestionBody,
            answer: newQuestionAnswer,
            assertVisible: (ctx) => loadWarnedCase(ctx, ctx.params.id),
        },
        async ({ params, body, ...ctx }) => ({
            question: await askOperator(ctx, await loadWarnedCase(ctx, params.id), body.text),
        }),
    ),
]
