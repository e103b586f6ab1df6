/** Presents an inquiry to its members. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Opened } from "../actions/open-inquiry.ts"
import { type Inquiry, weightOf } from "../inquiry.ts"
import { type HeardQuestion, stateOf } from "../question.ts"

/** Formats an instant, or returns null. */
export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

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
