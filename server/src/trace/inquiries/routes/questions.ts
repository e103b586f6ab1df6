/** Questions to partners: asked and noted by an inquiry's members; read and answered by the partner's leads, and nothing around them. */
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
            summary: "Asks a partner one question, with a deadline; it is told nothing else",
            creates: true,
            params: byId,
            body: Type.Object(
                {
                    kind: Type.Union(questionKinds.map((questionKind) => Type.Literal(questionKind))),
                    partner: id,
                    /** The one whose gist it tells. */
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
            summary: "Says that an answer was read, or that there is none, so that it waits for nobody any more",
            params: Type.Object({ id, question: id }, closed),
            answer: Type.Object({ noted: Type.Literal(true) }),
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

/** Not who asks, not in what, and not who else is asked. */
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
            summary: "The questions put to this partner, newest first, for its leads; in every standing",
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
            summary: "The lead's statement in answer to a question; there is one, and until its deadline",
            params: byId,
            body: Type.Object(
                {
                    text: Type.String(),
                    /** Whether all copies are deleted: where that is asked. */
                    deleted: Type.Optional(orNull(Type.Boolean())),
                },
                closed,
            ),
            answer: Type.Object({ answered: Type.Literal(true) }),
        },
        async ({ params, body: { text, deleted = null }, ...ctx }) => {
            await answerQuestion(ctx, params.id, { text, deleted })
            return { answered: true }
        },
    ),
]
