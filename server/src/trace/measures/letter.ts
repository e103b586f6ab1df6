/**
 * Letters to a partner report decisions in neutral words, and a lead can answer each once. Partners read them in every
 * status. No letter names another partner or a suspicion. It names only cases of which the partner holds content.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** Kinds of letters to a partner. */
export const letterKinds = [
    "restrict",
    "relaxation",
    "lift",
    "end_by_reporting_duty",
    "interim_suspension",
    "suspension_extended",
    "reinstatement",
    "suspension_ended",
    "statement_of_concern",
    "extension",
    "no_sanction",
    "reprimand",
    "suspension",
    "termination",
    "decision_upheld",
    "decision_relaxed",
    "decision_lifted",
] as const

/** The kind of a letter to a partner. */
export type LetterKind = (typeof letterKinds)[number]

/** The text of a letter. The server stores it encrypted. */
export interface LetterText {
    readonly subject: string
    readonly text: string
    /** The partner's aliases of the listed artifacts. The letter is hidden by them. */
    readonly artifactAliases?: readonly string[]
}

/** A letter to a partner, with the partner's answer. */
export interface Letter extends LetterText {
    readonly id: string
    readonly partner: string
    readonly kind: LetterKind
    /** The measure, procedure or decision that the letter is about. */
    readonly measure: string | null
    readonly procedure: string | null
    readonly sentAt: Instant
    readonly answer: string | null
    readonly answeredAt: Instant | null
    /** When a staff member marked the answer as read; null until then. */
    readonly readAt: Instant | null
}

const subjectMax = 200
const textMax = 20_000
/** Limit of a filled letter: the list of holdings adds to the text. */
const filledTextMax = 2 * textMax

/** Validates a letter before its places are filled. Refuses `letter.bad_subject` and `letter.bad_text`. */
export function validateLetter(letter: LetterText): void {
    validateSubject(letter)
    validateText(letter.text)
}

/** Validates a letter after its places are filled. */
export function validateFilledLetter(letter: LetterText): void {
    validateSubject(letter)
    validateText(letter.text, filledTextMax)
}

function validateSubject({ subject }: LetterText): void {
    if (!(subject.trim() !== "" && subject.length <= subjectMax && !/\p{Cc}/u.test(subject))) {
        refuse("invalid", "letter.bad_subject", `the subject must be one line of 1 to ${subjectMax} characters`, {
            max: subjectMax,
        })
    }
}

/** Validates a text. Refuses `letter.bad_text`. */
export function validateText(text: string, max = textMax): void {
    if (text.trim() !== "" && text.length <= max) return
    refuse("invalid", "letter.bad_text", `the text must have 1 to \`${max}\` characters`, { max })
}
