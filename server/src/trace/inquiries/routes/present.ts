/** Presents an inquiry to its members. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { FullInquiry } from "../actions/open-inquiry.ts"
import { type Inquiry, weightOf } from "../inquiry.ts"
import { type QuestionWithDelivery, stateOf } from "../question.ts"

/** Formats an instant, or returns null. */
export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

/** Presents an inquiry in a list. */
export function presentInquiry(inquiry: Inquiry) {
    const hypotheses = inquiry.hypotheses.map(({ salt: _, title: _title, ...rest }) => ({
        ...rest,
        weight: weightOf(rest),
    }))
    return { ...inquiry, hypotheses, openedAt: formatInstant(inquiry.openedAt) }
}

/** Presents one inquiry with its findings and questions. */
export function presentFullInquiry(
    { findings, questions, excluded, history, attestations, ...rest }: FullInquiry,
    now: Instant,
) {
    return {
        ...presentInquiry(rest),
        findings: findings.map(({ salt: _, confirmedWithoutAnswer, ...rest }) => ({
            ...rest,
            confirmedWithoutAnswer: confirmedWithoutAnswer?.reason ?? null,
            proposedAt: formatInstant(rest.proposedAt),
            confirmedAt: formatOrNull(rest.confirmedAt),
        })),
        questions: questions.map((question) => presentQuestion(question, now)),
        excluded: excluded.map(({ salt: _, ...rest }) => ({ ...rest, at: formatInstant(rest.at) })),
        history: history.map(({ salt: _, ...rest }) => ({ ...rest, at: formatInstant(rest.at) })),
        attestations: attestations.map((attestation) => ({ ...attestation, at: formatInstant(attestation.at) })),
    }
}

function presentQuestion({ salt: _, ...rest }: QuestionWithDelivery, now: Instant) {
    const { answer } = rest
    return {
        ...rest,
        askedAt: formatInstant(rest.askedAt),
        answerBy: formatInstant(rest.answerBy),
        state: stateOf(rest, now),
        answer: answer && { text: answer.text, deleted: answer.deleted, by: answer.by, at: formatInstant(answer.at) },
        readAt: formatOrNull(rest.readAt),
    }
}
