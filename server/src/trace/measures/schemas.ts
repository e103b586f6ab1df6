/** Request and answer types of the routes of measures. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { letterKinds } from "./letter.ts"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import { reinstatableKinds } from "./measure.ts"
import { outcomes } from "./procedure.ts"
import type { LetterKind } from "./letter.ts"
import type { MeasureKind } from "./measure.ts"
import type { Phase, ProcedureEntry } from "./procedure.ts"

export const answerLetterBody = Type.Object({ text: Type.String() }, closed)

export const answerLetterAnswer = Type.Object({ answered: Type.Boolean() })

export const appealLetterBody = Type.Object({ text: Type.String() }, closed)

export const appealLetterAnswer = Type.Object({ appealed: Type.Boolean() })

const letterKind = Type.Enum([...letterKinds])

/** Kinds of letters about measures. Letters of a procedure are drafted there. */
const measureLetters = [
    "restrict",
    "relaxation",
    "lift",
    "interim_suspension",
    "suspension_extended",
    "reinstatement",
    "suspension_ended",
] as const

export const draftLetterBody = Type.Object(
    {
        kind: Type.Enum([...measureLetters]),
        partner: Type.Optional(id),
        reviewBy: Type.Optional(Type.String({ maxLength: 40 })),
    },
    closed,
)

export const markReadLetterAnswer = Type.Object({ read: Type.Boolean() })

export const letterTemplatesAnswer = Type.Object({
    templates: Type.Array(
        Type.Object({
            kind: enumOf<LetterKind>(),
            version: Type.Integer(),
            subject: Type.String(),
            text: Type.String(),
            by: orNull(id),
            since: textOrNull,
            fields: Type.Array(Type.String()),
            required: Type.Array(Type.String()),
        }),
    ),
})

export const setLetterTemplateParams = Type.Object({ kind: letterKind }, closed)

export const setLetterTemplateAnswer = Type.Object({ version: Type.Integer() })

const reason = Type.String()

const approval = Type.Optional(id)

const measureFields = {
    id,
    kind: enumOf<MeasureKind>(),
    partner: orNull(id),
    policy: orNull(Type.Integer()),
    procedure: orNull(id),
    restriction: orNull(
        Type.Object({
            withhold: Type.Array(Type.String()),
            notBeforePublication: Type.Boolean(),
            cases: orNull(Type.Array(id)),
        }),
    ),
    reason,
    takenBy: id,
    takenAt: Type.String(),
    reviewBy: textOrNull,
    approval: orNull(id),
    endedAt: textOrNull,
}

export const newMeasureAnswer = Type.Object({ measure: orNull(id) })

export const restoreAccessAnswer = Type.Object({ done: Type.Boolean(), approval: orNull(id), measure: orNull(id) })

export const measuresQuery = Type.Object({ partner: Type.Optional(id) }, closed)

export const measuresAnswer = Type.Object({ measures: Type.Array(Type.Object(measureFields)) })

export const relaxMeasureBody = Type.Object(
    {
        partner: id,
        withhold: Type.Optional(Type.Array(Type.String(), { maxItems: artifactClasses.length })),
        notBeforePublication: Type.Optional(Type.Boolean()),
        cases: Type.Optional(orNull(Type.Array(id, { maxItems: 100 }))),
    },
    closed,
)

export const relaxMeasureAnswer = Type.Object({ approval: id })

export const extendMeasureAnswer = Type.Object({ approval: id })

export const applyExtensionMeasureBody = Type.Object({ approval: id }, closed)

export const applyExtensionMeasureAnswer = Type.Object({ reviewed: Type.Boolean() })

export const letterText = Type.Object({ subject: Type.String(), text: Type.String() }, closed)

const letter = Type.Optional(letterText)

/** The measure of a letter as its partner sees it, without the reason and the deciders. */
const aboutAnswer = Type.Object({
    kind: enumOf<MeasureKind | LetterKind>(),
    takenAt: Type.String(),
    reviewBy: textOrNull,
    endedAt: textOrNull,
})

export const newMeasureBody = Type.Object(
    {
        kind: Type.Enum(["interim_suspension", "restrict", "restrict_by_reporting_duty"]),
        reason,
        partner: Type.Optional(id),
        policy: Type.Optional(Type.Integer({ minimum: 1 })),
        withhold: Type.Optional(Type.Array(Type.String(), { maxItems: artifactClasses.length })),
        notBeforePublication: Type.Optional(Type.Boolean()),
        cases: Type.Optional(orNull(Type.Array(id, { maxItems: 100 }))),
        approval,
        letter,
    },
    closed,
)

export const reinstateMeasureBody = Type.Object(
    {
        partner: id,
        reason: Type.Optional(reason),
        approval,
        letter,
        from: Type.Optional(Type.Enum([...reinstatableKinds])),
    },
    closed,
)

export const liftMeasureBody = Type.Object({ partner: id, reason: Type.Optional(reason), approval, letter }, closed)

export const extendMeasureBody = Type.Object(
    {
        reason,
        reviewBy: Type.Optional(Type.String({ maxLength: 40 })),
        procedure: Type.Optional(id),
        letter,
    },
    closed,
)

const obligation = Type.Object({ agreement: Type.Integer(), id: Type.String(), text: Type.String() })

const procedureAnswer = Type.Object({
    obligation,
    answerBy: textOrNull,
    mayAnswer: Type.Boolean(),
    appealBy: textOrNull,
    mayAppeal: Type.Boolean(),
    returnFrom: textOrNull,
    terms: textOrNull,
    appeal: textOrNull,
    appealedAt: textOrNull,
})

/** Fields of a letter that both sides read. */
const letterFields = {
    id,
    kind: enumOf<LetterKind>(),
    subject: Type.String(),
    text: Type.String(),
    sentAt: Type.String(),
    answer: textOrNull,
    answeredAt: textOrNull,
}

export const letterForPartnerAnswer = Type.Object({
    ...letterFields,
    about: aboutAnswer,
    procedure: orNull(procedureAnswer),
})

export const lettersAnswer = Type.Object({ letters: Type.Array(letterForPartnerAnswer) })

/** Fields of a letter for staff. */
const letterAnswer = Type.Object({ ...letterFields, partner: id, readAt: textOrNull })

export const measureDetailsAnswer = Type.Object({
    ...measureFields,
    letters: Type.Array(letterAnswer),
})

const instant = Type.String({ maxLength: 40 })

const outcome = Type.Enum([...outcomes])

const procedureFields = {
    id,
    partner: id,
    phase: enumOf<Phase>(),
    answerBy: textOrNull,
    appealBy: textOrNull,
    sanction: orNull(Type.Object({ outcome, returnFrom: textOrNull })),
    decisionDueSince: textOrNull,
    grounds: Type.Object({ obligation, conclusion: Type.String(), confidence: Type.String() }),
}

const procedureEntryAnswer = Type.Object({
    kind: enumOf<ProcedureEntry["kind"]>(),
    at: Type.String(),
    by: Type.Array(id),
    answerBy: textOrNull,
    appealBy: textOrNull,
    outcome: orNull(outcome),
    returnFrom: textOrNull,
    approval: orNull(id),
    texts: orNull(
        Type.Object({
            reason: Type.Optional(Type.String()),
            terms: Type.Optional(textOrNull),
            text: Type.Optional(Type.String()),
        }),
    ),
})

export const decisionFields = { outcome, returnFrom: Type.Optional(orNull(instant)), terms: Type.Optional(textOrNull) }

export const decisionBody = Type.Object(
    {
        ...decisionFields,
        reason: Type.String(),
        appealDays: Type.Optional(Type.Integer()),
        letter: Type.Optional(letterText),
    },
    closed,
)

const openingFields = { inquiry: id, finding: id, answerDays: Type.Optional(Type.Integer()) }

export const proceduresQuery = Type.Object({ partner: Type.Optional(id) }, closed)

export const proceduresAnswer = Type.Object({ procedures: Type.Array(Type.Object(procedureFields)) })

export const procedureDetailsAnswer = Type.Object({
    ...procedureFields,
    history: Type.Array(procedureEntryAnswer),
    letters: Type.Array(letterAnswer),
})

export const draftProcedureBody = Type.Object(openingFields, closed)

export const newProcedureBody = Type.Object(
    { ...openingFields, reason: Type.String(), letter: Type.Optional(letterText) },
    closed,
)

export const newProcedureAnswer = Type.Object({ procedure: id })

export const extendProcedureBody = Type.Object(
    { answerBy: instant, reason: Type.String(), letter: Type.Optional(letterText) },
    closed,
)

export const extendProcedureAnswer = Type.Object({ extended: Type.Boolean() })

export const draftExtensionProcedureBody = Type.Object({ answerBy: instant }, closed)
