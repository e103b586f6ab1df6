/** Request and answer types of the routes of onboarding. */
import { Type } from "typebox"
import { closed, textOrNull } from "../../../kernel/schemas.ts"
import { criterionShape, scoreField } from "./admission.ts"
import { applicationShape, referencePattern, secretPattern, longTextLength } from "./application.ts"

const reasonField = (minLength: number) => Type.String({ minLength, maxLength: 4000 })

const applicationFields = {
    partner: Type.String(),
    organisation: Type.String(),
    state: Type.Enum(["waiting", "invited", "declined"]),
    submittedAt: Type.String(),
    decideBy: Type.String(),
    hasOpenQuestion: Type.Boolean(),
    decidedAt: textOrNull,
    decidedBy: textOrNull,
}

const questionFields = {
    id: Type.String(),
    text: Type.String(),
    askedAt: Type.String(),
    answer: textOrNull,
    answeredAt: textOrNull,
}

const scoreFields = { criterion: Type.String(), score: Type.Integer(), reason: Type.String() }

export const applicationAnswer = Type.Object({
    ...applicationFields,
    form: applicationShape,
    questions: Type.Array(Type.Object({ ...questionFields, person: Type.String() })),
    decision: Type.Object({ reason: Type.String(), message: Type.String() }),
    vouches: Type.Array(
        Type.Object({ partner: Type.String(), person: Type.String(), text: Type.String(), at: Type.String() }),
    ),
    criteriaVersion: Type.Integer(),
    criteria: Type.Array(criterionShape),
    scores: Type.Array(Type.Object({ ...scoreFields, person: Type.String(), at: Type.String() })),
    /** People whose scores the viewer sees only after an own score. */
    hiddenScores: Type.Array(Type.Object({ person: Type.String(), at: Type.String() })),
    tally: Type.Object({
        total: Type.Integer(),
        unscored: Type.Array(Type.String()),
        unmet: Type.Array(Type.String()),
    }),
})

export const applicationsAnswer = Type.Object({ applications: Type.Array(Type.Object(applicationFields)) })

export const newScoreBody = Type.Object(
    { criterion: Type.String({ maxLength: 40 }), score: scoreField, reason: reasonField(10) },
    closed,
)

export const decideApplicationBody = Type.Object(
    { decision: Type.Enum(["invited", "declined"]), reason: reasonField(10), message: reasonField(0) },
    closed,
)

export const askApplicantBody = Type.Object({ text: reasonField(10) }, closed)

const secret = Type.String({ pattern: secretPattern.source })

const reference = Type.String({ pattern: referencePattern.source })

const longTextField = Type.String({ minLength: longTextLength.min, maxLength: longTextLength.max })

export const answerQuestionBody = Type.Object(
    { secret, question: Type.String({ maxLength: 36 }), text: reasonField(1) },
    closed,
)

export const bySecret = Type.Object({ secret }, closed)

export const applicationFormAnswer = Type.Object({
    productClasses: Type.Array(Type.String()),
    criteria: Type.Array(Type.Pick(criterionShape, ["text", "required"])),
    publisher: Type.Object({ name: Type.String(), contact: textOrNull }),
})

export const newApplicationAnswer = Type.Object({ secret, reference })

export const checkStatusApplicationAnswer = Type.Object({
    state: Type.Enum(["waiting", "invited", "declined"]),
    since: Type.String(),
    message: Type.String(),
    /** When the program promised a decision. */
    decideBy: Type.String(),
    questions: Type.Array(Type.Object(questionFields)),
})

export const newVouchBody = Type.Object({ reference, text: longTextField }, closed)
