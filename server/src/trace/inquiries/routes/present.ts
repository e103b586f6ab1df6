/** Presents an inquiry to its members. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Opened } from "../actions/open-inquiry.ts"
import { type Inquiry, weightOf } from "../inquiry.ts"
import { type HeardQuestion, stateOf } from "../question.ts"

export const closed = { additionalProperties: false }
export const id = Type.String({ format: "uuid" })
export const byId = Type.Object({ id }, closed)
/** Returns a schema that also allows null. */
export const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const maybe = orNull(Type.String())
export const nothing = Type.Object({})
/** Formats an instant, or returns null. */
export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

export const inquiryAnswer = {
    id,
    case: id,
    title: Type.String(),
    hypotheses: Type.Array(
        Type.Object({
            key: Type.String(),
            title: Type.String(),
            for: Type.String(),
            against: Type.String(),
            weight: Type.Integer(),
        }),
    ),
    members: Type.Array(id),
    evidence: Type.Array(id),
    openedBy: id,
    openedAt: Type.String(),
    course: Type.String(),
}
const findingAnswer = Type.Object({
    id,
    partner: orNull(id),
    conclusion: Type.String(),
    confidence: Type.String(),
    obligation: orNull(Type.Object({ agreement: Type.Integer(), id: Type.String(), text: Type.String() })),
    approval: id,
    state: Type.String(),
    proposedBy: id,
    proposedAt: Type.String(),
    confirmedAt: maybe,
    /** The reason for confirmation without the partner's answer. */
    unheard: maybe,
})
const questionAnswer = Type.Object({
    id,
    kind: Type.String(),
    partner: id,
    finding: orNull(id),
    text: Type.String(),
    askedBy: id,
    askedAt: Type.String(),
    answerBy: Type.String(),
    state: Type.String(),
    answer: orNull(Type.Object({ text: Type.String(), deleted: orNull(Type.Boolean()), by: id, at: Type.String() })),
    notedAt: maybe,
    /** The number of leads whose notice could not be delivered, as far as mail servers report. */
    unreached: Type.Integer(),
})
export const openedAnswer = Type.Object({
    ...inquiryAnswer,
    findings: Type.Array(findingAnswer),
    questions: Type.Array(questionAnswer),
    excluded: Type.Array(
        Type.Object({ person: id, wasMember: Type.Boolean(), reason: Type.String(), by: id, at: Type.String() }),
    ),
    turns: Type.Array(
        Type.Object({ kind: Type.String(), outcome: maybe, reason: Type.String(), by: id, at: Type.String() }),
    ),
    attestations: Type.Array(
        Type.Object({
            partner: id,
            of: Type.String(),
            at: Type.String(),
            about: id,
            affirmed: Type.Boolean(),
        }),
    ),
})

/** Presents an inquiry in a list. */
export function presented(inquiry: Inquiry) {
    const hypotheses = inquiry.hypotheses.map(({ salt: _, ...rest }) => ({ ...rest, weight: weightOf(rest) }))
    return { ...inquiry, hypotheses, openedAt: formatInstant(inquiry.openedAt) }
}

/** Presents one inquiry with its findings and questions. */
export function presentOpened({ findings, questions, excluded, turns, attestations, ...rest }: Opened, now: Instant) {
    return {
        ...presented(rest),
        findings: findings.map(({ salt: _, unheard, ...rest }) => ({
            ...rest,
            unheard: unheard?.reason ?? null,
            proposedAt: formatInstant(rest.proposedAt),
            confirmedAt: formatOrNull(rest.confirmedAt),
        })),
        questions: questions.map((heardQuestion) => presentQuestion(heardQuestion, now)),
        excluded: excluded.map(({ salt: _, ...rest }) => ({ ...rest, at: formatInstant(rest.at) })),
        turns: turns.map(({ salt: _, ...rest }) => ({ ...rest, at: formatInstant(rest.at) })),
        attestations: attestations.map((attested) => ({ ...attested, at: formatInstant(attested.at) })),
    }
}

function presentQuestion({ salt: _, ...rest }: HeardQuestion, now: Instant) {
    const { answer } = rest
    return {
        ...rest,
        askedAt: formatInstant(rest.askedAt),
        answerBy: formatInstant(rest.answerBy),
        state: stateOf(rest, now),
        answer: answer && { text: answer.text, deleted: answer.deleted, by: answer.by, at: formatInstant(answer.at) },
        notedAt: formatOrNull(rest.notedAt),
    }
}
