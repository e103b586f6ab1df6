/**
 * Defines recognition words: a phrase that a partner chose, which mail with a sign-in link repeats. A person tells a
 * real mail from a false one by them. No page shows them to staff.
 */
import { refuse } from "@tocsin/base/refusal"

/** Number of characters. */
export const wordsLength = { min: 8, max: 60 }

/** Letters and single spaces: no address, no name of a file and no second line fits in. */
const form = /^\p{L}[\p{L}\p{M}]*(?: \p{L}[\p{L}\p{M}]*)*$/u

/** Returns the words in one spelling. Refuses `partner.bad_recognition_words`. */
export function validateWords(typed: string): string {
    const words = typed.normalize("NFC").trim()
    const length = [...words].length
    if (form.test(words) && length >= wordsLength.min && length <= wordsLength.max) return words
    const { min, max } = wordsLength
    return refuse(
        "invalid",
        "partner.bad_recognition_words",
        `recognition words have \`${min}\` to \`${max}\` characters: use letters, with one space between words`,
        { min, max },
    )
}

/** The lines of a mail to a partner's person. Null: the partner has no words. */
export function recognitionLines(words: string | null): readonly string[] {
    if (words === null) {
        return [
            "Your organisation has no recognition words, by which you could tell this mail from a false one.",
            "A lead sets them in the partner portal, under “Organisation”, “Notices”.",
            "",
        ]
    }
    return withTitle("The recognition words of your organisation:", words)
}

/** The lines of the notice of a change. Null: the partner had no words. */
export const earlierWordsLines = (words: string | null): readonly string[] =>
    words === null ? [] : withTitle("The earlier recognition words:", words)

const withTitle = (title: string, words: string): readonly string[] => [title, "", `    ${words}`, ""]
