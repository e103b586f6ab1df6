/**
 * Letters to a partner: what was decided about it, in neutral words, and the one answer that its lead gives. They stay
 * within reach in every standing. No letter names another partner or a suspicion, and of cases only what the partner holds.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** What a letter tells of. */
export const letterKinds = [
    "restrict",
    "loosening",
    "lift",
    "end by duty",
    "interim suspension",
    "suspension kept",
    "reinstatement",
    "suspension ended",
    "concern",
    "more time",
    "no sanction",
    "reprimand",
    "suspension",
    "termination",
    "appeal stands",
    "appeal eased",
    "appeal lifted",
] as const
export type LetterKind = (typeof letterKinds)[number]

export interface LetterText {
    readonly subject: string
    readonly text: string
    /** Of a letter that lists what is held: the partner's own ids of it, by which it is hidden from some. */
    readonly lists?: readonly string[]
}

export interface Letter extends LetterText {
    readonly id: string
    readonly partner: string
    readonly kind: LetterKind
    /** What it tells of: a measure, a procedure, or what two decided in one. */
    readonly measure: string | null
    readonly procedure: string | null
    readonly sentAt: Instant
    readonly answer: string | null
    readonly answeredAt: Instant | null
    /** Whoever has read the answer and takes it as dealt with; null while it waits for somebody. */
    readonly notedAt: Instant | null
}

const subjectMax = 200
const textMax = 20_000
/** With its places filled: the list of what is held comes on top of what was written. */
const sentMax = 2 * textMax

export function validateLetter(letter: LetterText): void {
    assertHasSubject(letter)
    assertWritten(letter.text)
}

/** The same of a letter whose places are filled. */
export function assertSendable(letter: LetterText): void {
    assertHasSubject(letter)
    assertWritten(letter.text, sentMax)
}

function assertHasSubject({ subject }: LetterText): void {
    if (!(subject.trim() !== "" && subject.length <= subjectMax && !/\p{Cc}/u.test(subject))) {
        refuse(
            "invalid",
            "letter.bad_subject",
            `a letter has a subject of one line, of ${subjectMax} characters at most`,
        )
    }
}

export function assertWritten(text: string, max = textMax): void {
    if (text.trim() !== "" && text.length <= max) return
    refuse("invalid", "letter.bad_text", `write something, in \`${max}\` characters at most`)
}
