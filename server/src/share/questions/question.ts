/**
 * Defines a partner's question about a warning and the operator's one answer. The answer goes to the asking partner, or
 * to all partners with the warning; then no partner learns who asked.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** Who gets an answer: the asking partner, or every partner that has the warning. */
export const audiences = ["partner", "recipients"] as const

export type Audience = (typeof audiences)[number]

/** An answer. `question` is the question as all recipients read it; null where only the asking partner reads it. */
export interface Answer {
    readonly text: string
    readonly question: string | null
}

/** A question with its answer. */
export interface WarningQuestion {
    readonly id: string
    readonly case: string
    readonly partner: string
    readonly person: string
    readonly text: string
    readonly askedAt: Instant
    readonly answer: (Answer & { readonly audience: Audience; readonly by: string; readonly at: Instant }) | null
}

/** Largest number of questions of one partner about one warning. */
export const questionsMax = 50
export const questionTextMax = 4000

/** Refuses `warning_question.bad_text`. */
export function validateText(text: string): void {
    if (text.trim() !== "" && text.length <= questionTextMax) return
    refuse("invalid", "warning_question.bad_text", `the text must have 1 to \`${questionTextMax}\` characters`, {
        max: questionTextMax,
    })
}

/** Refuses `warning_question.bad_text` and `warning_question.bad_audience`. */
export function validateAnswer({ text, question }: Answer, audience: Audience): void {
    validateText(text)
    if (question !== null) validateText(question)
    if ((audience === "recipients") === (question !== null)) return
    refuse(
        "invalid",
        "warning_question.bad_audience",
        "set `question` for an answer to all recipients, and for no other answer",
    )
}
