/**
 * Letters to a partner: what was decided about it, in neutral words, and the one answer that its lead gives. They stay
 * within reach in every standing. No letter names a case, another partner or a suspicion.
 */
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"

export interface LetterText {
    readonly subject: string
    readonly text: string
}

export interface Letter extends LetterText {
    readonly id: string
    readonly partner: string
    readonly measure: string
    readonly sentAt: Instant
    readonly answer: string | null
    readonly answeredAt: Instant | null
}

const subjectMax = 200
const textMax = 20_000

export function mustBeLetter({ subject, text }: LetterText): void {
    if (!(subject.trim() !== "" && subject.length <= subjectMax && !/\p{Cc}/u.test(subject))) {
        refuse(
            "invalid",
            "letter.bad_subject",
            `a letter has a subject of one line, of ${subjectMax} characters at most`,
        )
    }
    mustBeWritten(text)
}

export function mustBeWritten(text: string): void {
    if (text.trim() !== "" && text.length <= textMax) return
    refuse("invalid", "letter.bad_text", `write something, in \`${textMax}\` characters at most`)
}

/** What is sent where whoever decides writes nothing of their own. */
export const shippedLetters = {
    restrict: {
        subject: "What you receive from us changes",
        text:
            "From the instant shown beside this letter some material reaches you later than before, or not at all.\n\n" +
            "This is a decision about risk. It finds no fault with you. If the facts that it rests on are other than we " +
            "believe, please answer this letter.\n",
    },
    lift: {
        subject: "A restriction has ended",
        text: "Two persons have decided to end the restriction of what you receive, from the instant shown beside this letter.\n",
    },
    "interim suspension": {
        subject: "Your access is suspended for now",
        text:
            "From the instant shown beside this letter you receive nothing about cases, on any channel. This is a " +
            "precaution: it finds no fault with you.\n\n" +
            "Two persons review it within fourteen days, and it stays until they have decided. Your own status, our " +
            "letters and your answers stay within your reach. What you hold already stays under the agreement: keep it " +
            "together, and hand it on to nobody. Please answer this letter: who had access, and what have you noticed?\n",
    },
    reinstatement: {
        subject: "Your access is restored",
        text:
            "Two persons have decided to end your suspension, from the instant shown beside this letter. What is yours " +
            "to have can be fetched again, also what fell due in the meantime.\n",
    },
} as const satisfies Record<string, LetterText>
