/** Request and answer types of questions about warnings, for staff and for partners. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { audiences, questionTextMax } from "./question.ts"

const text = Type.String({ maxLength: questionTextMax })

export const questionParams = Type.Object({ id, question: id }, closed)

export const caseQuestionsAnswer = Type.Object({
    questions: Type.Array(
        Type.Object({
            id,
            partner: id,
            person: id,
            text: Type.String(),
            askedAt: Type.String(),
            answer: orNull(
                Type.Object({
                    text: Type.String(),
                    question: textOrNull,
                    audience: Type.Enum([...audiences]),
                    by: id,
                    at: Type.String(),
                }),
            ),
        }),
    ),
})

export const answerBody = Type.Object(
    { text, audience: Type.Enum([...audiences]), question: Type.Optional(orNull(text)) },
    closed,
)

/** `isOwn`: this partner asked. Otherwise the question was answered to all, and `person` and `askedAt` are null. */
export const warningQuestionsAnswer = Type.Object({
    questions: Type.Array(
        Type.Object({
            id,
            warning: id,
            isOwn: Type.Boolean(),
            person: orNull(id),
            text: Type.String(),
            askedAt: textOrNull,
            answer: textOrNull,
            answeredAt: textOrNull,
            toAll: Type.Boolean(),
        }),
    ),
})

export const newQuestionBody = Type.Object({ text }, closed)

export const newQuestionAnswer = Type.Object({ question: id })
