/**
 * Routes of questions to partners. Members ask and mark answers as read. Leads of the partner read and answer, and see
 * nothing else.
 */
import { Type } from "typebox"
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { answerQuestion, ask, noteQuestion, ownQuestions } from "../actions/ask-question.ts"
import { type Question, questionKinds, stateOf } from "../question.ts"
import { byId, closed, id, maybe, orNull } from "./present.ts"

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
            body: Type.Object(
                {
                    kind: Type.Enum([...questionKinds]),
                    partner: id,
                    /** The finding that is summarised. */
                    finding: Type.Optional(orNull(id)),
                    text: Type.String(),
                    answerBy: Type.String({ maxLength: 40 }),
                },
                closed,
            ),
            answer: Type.Object({ question: id }),
        },
        async ({ body: { finding = null, answerBy, ...rest }, params, ...ctx }) => ({
            question: await ask(ctx, params.id, { ...rest, finding, answerBy: parseInstant(answerBy) }),
        }),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/inquiries/{id}/questions/{question}/mark-read",
            permission: "inquiry:read",
            summary: "Marks an answer, or its absence, as read",
            params: Type.Object({ id, question: id }, closed),
            answer: Type.Object({ noted: Type.Boolean() }),
        },
        async ({ params, ...ctx }) => {
            await noteQuestion(ctx, params.id, params.question)
            return { noted: true }
        },
    ),
]

const ownAnswer = Type.Object({
    id,
    kind: Type.String(),
    text: Type.String(),
    askedAt: Type.String(),
    answerBy: Type.String(),
    state: Type.String(),
    answer: maybe,
    deleted: orNull(Type.Boolean()),
    answeredAt: maybe,
})

/** Presents a question to its partner, without the requester, the inquiry and other partners. */
function presentOwn({ id: question, kind, text, askedAt, answerBy, answer }: Question, now: Instant) {
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

export const ownQuestionRoutes = [
    route(
        {
            ...portal,
            method: "GET",
            path: "/api/inquiries",
            permission: "question:own",
            summary: "Lists the questions to this partner for its leads, newest first, in every status",
            answer: Type.Object({ questions: Type.Array(ownAnswer) }),
        },
        async (asking) => ({
            questions: (await ownQuestions(asking)).map((question) => presentOwn(question, asking.now)),
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
            body: Type.Object(
                {
                    text: Type.String(),
                    /** Whether all copies are deleted, where the question asks that. */
                    deleted: Type.Optional(orNull(Type.Boolean())),
                },
                closed,
            ),
            answer: Type.Object({ answered: Type.Boolean() }),
        },
        async ({ params, body: { text, deleted = null }, ...ctx }) => {
            await answerQuestion(ctx, params.id, { text, deleted })
            return { answered: true }
        },
    ),
]
