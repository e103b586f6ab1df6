/** The field of recognition words, here and in the application form: its hint, and the fault of a typed text. */
import { validateWords, wordsLength } from "../../../../server/src/trust/partners/roster/recognition-words.ts"
import { faultBy } from "../../kit/form.tsx"
import { t } from "../../messages/message.ts"

export const wordsHint = (): string =>
    t(
        "{min} to {max} characters: letters, with one space between words. Choose words that no one can guess, for example three at random.",
        wordsLength,
    )

export const wordsFault = (typed: string): string | null => faultBy(() => validateWords(typed))
