/**
 * A question from an inquiry to one partner, with a deadline, and the one statement of a lead in answer. The partner
 * sees neither the inquiry nor the other partners asked.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/**
 * `question`: any question. `deletion`: whether copies are deleted. `finding`: an answer to a finding summary before
 * confirmation.
 */
export const questionKinds = ["question", "deletion", "finding"] as const

/** The kind of answer that a question requests. */
export type QuestionKind = (typeof questionKinds)[number]

/** A question as a member asks it. */
export interface QuestionRequest {
    readonly kind: QuestionKind
    readonly partner: string
    /** The finding that is summarised; null for other kinds. */
    readonly finding: string | null
    readonly text: string
    readonly answerBy: Instant
}

/** A partner's answer. */
export interface Statement {
    readonly text: string
    /** The attestation of deletion; null where none was requested. */
    readonly deleted: boolean | null
}

/** A question to a partner, with its answer. */
export interface Question extends QuestionRequest {
    readonly id: string
    readonly salt: string
    readonly askedBy: string
    readonly askedAt: Instant
    readonly answer: (Statement & { readonly salt: string; readonly by: string; readonly at: Instant }) | null
    /** When a member marked the answer or its absence as read. */
    readonly readAt: Instant | null
}

/** A question as members read it. */
export interface QuestionWithDelivery extends Question {
    /** The number of leads whose notice could not be delivered, as far as mail servers report. */
    readonly unreached: number
}

/** The state of a question. `expired`: the deadline passed without an answer. */
export type QuestionState = "open" | "answered" | "expired"

export const answerDays = { usual: 7, min: 1, max: 90 } as const
/** Largest number of questions of one inquiry, to all partners together. */
export const questionsMax = 200
const textMax = 20_000

/** Returns the state. The deadline is exclusive: at that instant the question has expired. */
export function stateOf(
    { answer, answerBy }: Pick<Question, "answerBy"> & { readonly answer: unknown },
    now: Instant,
): QuestionState {
    if (answer !== null) return "answered"
    return now < answerBy ? "open" : "expired"
}

/** Validates a question. Refuses `question.bad_text`, `question.bad_finding` and `question.bad_deadline`. */
export function validateQuestion({ kind, finding, text, answerBy }: QuestionRequest, now: Instant): void {
    validateText(text)
    if ((kind === "finding") !== (finding !== null)) {
        refuse(
            "invalid",
            "question.bad_finding",
            "name a finding for a question of kind `finding`, and for no other kind",
        )
    }
    if (!(answerBy >= now + answerDays.min * dayMs && answerBy <= now + answerDays.max * dayMs)) {
        const { min, max } = answerDays
        refuse("invalid", "question.bad_deadline", `the deadline must be \`${min}\` to \`${max}\` days from now`, {
            min,
            max,
        })
    }
}

/** Validates a statement. Refuses `question.bad_text` and `question.bad_attestation`. */
export function validateStatement({ text, deleted }: Statement, kind: QuestionKind): void {
    validateText(text)
    if ((kind === "deletion") === (deleted !== null)) return
    refuse(
        "invalid",
        "question.bad_attestation",
        "set `deleted` for a question of kind `deletion`, and for no other kind",
    )
}

/** Checks that a question is open. Refuses `question.already_answered` and `question.expired`. */
export function assertQuestionOpen(
    question: Pick<Question, "answerBy"> & { readonly answer: unknown },
    now: Instant,
): void {
    const state = stateOf(question, now)
    if (state === "answered") refuse("conflict", "question.already_answered", "this question was already answered")
    if (state === "expired") refuse("conflict", "question.expired", "the deadline of this question has passed")
}

function validateText(text: string): void {
    if (text.trim() !== "" && text.length <= textMax) return
    refuse("invalid", "question.bad_text", `the text must have 1 to \`${textMax}\` characters`, { max: textMax })
}
