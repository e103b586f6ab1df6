/**
 * A question that an inquiry puts to one partner, with a deadline, and the one statement that the partner's lead gives.
 * The partner reads the question and nothing around it: not the inquiry, not who else was asked.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** Anything; whether its copies are deleted; what it says to the gist of a finding before that is confirmed. */
export const questionKinds = ["question", "deletion", "finding"] as const
export type QuestionKind = (typeof questionKinds)[number]

export interface Asked {
    readonly kind: QuestionKind
    readonly partner: string
    /** The one whose gist it tells; null for all else. */
    readonly finding: string | null
    readonly text: string
    readonly answerBy: Instant
}

export interface Statement {
    readonly text: string
    /** What it attests, where it was asked to; else null. */
    readonly deleted: boolean | null
}

export interface Question extends Asked {
    readonly id: string
    readonly salt: string
    readonly askedBy: string
    readonly askedAt: Instant
    readonly answer: (Statement & { readonly salt: string; readonly by: string; readonly at: Instant }) | null
    /** When a member has read the answer, or seen that there is none. */
    readonly notedAt: Instant | null
}

/** As members read it. */
export interface HeardQuestion extends Question {
    /** To how many of its leads the mail that tells of it went in vain, for all that servers say. */
    readonly unreached: number
}

export type QuestionState = "open" | "answered" | "lapsed"

export const answerDays = { usual: 7, min: 1, max: 90 } as const
/** In one inquiry, to all partners together. */
export const questionsMax = 200
const textMax = 20_000

/** Half-open: at the deadline it has lapsed. */
export function stateOf(
    { answer, answerBy }: Pick<Question, "answerBy"> & { readonly answer: unknown },
    now: Instant,
): QuestionState {
    if (answer !== null) return "answered"
    return now < answerBy ? "open" : "lapsed"
}

export function validateQuestion({ kind, finding, text, answerBy }: Asked, now: Instant): void {
    assertWritten(text)
    if ((kind === "finding") !== (finding !== null)) {
        refuse("invalid", "question.bad_finding", "a finding is named where its gist is told, and nowhere else")
    }
    if (!(answerBy >= now + answerDays.min * dayMs && answerBy <= now + answerDays.max * dayMs)) {
        const { min, max } = answerDays
        refuse("invalid", "question.bad_deadline", `a partner has \`${min}\` to \`${max}\` days to answer`)
    }
}

export function validateStatement({ text, deleted }: Statement, kind: QuestionKind): void {
    assertWritten(text)
    if ((kind === "deletion") === (deleted !== null)) return
    refuse(
        "invalid",
        "question.bad_attestation",
        "say whether the copies are deleted where that is asked, and only there",
    )
}

/** Once, and before its time is over. */
export function assertWaited(question: Pick<Question, "answerBy"> & { readonly answer: unknown }, now: Instant): void {
    const state = stateOf(question, now)
    if (state === "answered") refuse("conflict", "question.already_answered", "this question is answered already")
    if (state === "lapsed") refuse("conflict", "question.expired", "the time to answer this question is over")
}

function assertWritten(text: string): void {
    if (text.trim() !== "" && text.length <= textMax) return
    refuse("invalid", "question.bad_text", `write something, in \`${textMax}\` characters at most`)
}
