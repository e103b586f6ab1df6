/** Routes of this partner's questions about its warnings. */
import { formatInstant } from "@tocsin/base/instant"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { byId } from "../../kernel/schemas.ts"
import { recordReads } from "../../share/cases/actions/record-reads.ts"
import { whileVisible } from "../../share/delivery/actions/check-in-flight.ts"
import { partnerOf } from "../../share/delivery/actions/project-warnings.ts"
import { idOfAlias } from "../../share/delivery/actions/resolve-alias.ts"
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

/** Resolves the internal ids of the questions' cases. */
const casesOf = (ctx: ActionContext, questions: readonly PartnerQuestion[]): string[] => {
    const { partner } = partnerOf(ctx)
    const warnings = new Set(questions.map(({ warning }) => warning))
    return [...warnings].map((alias) => idOfAlias(ctx.services.keys, partner, "warning", alias))
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
        async (ctx) => {
            const questions = await listQuestionsForPartner(ctx)
            const answered = questions.filter(({ answer }) => answer !== null)
            await recordReads(ctx, "questions", casesOf(ctx, answered))
            const content = { cases: casesOf(ctx, questions), versions: [] }
            return whileVisible({ questions: questions.map(presentQuestion) }, content)
        },
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
