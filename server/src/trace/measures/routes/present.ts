/** Presents letters to the console and the portal. */
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Letter } from "../letter.ts"

/** Formats an instant, or returns null. */
export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

/** Presents the shared fields of a letter. */
export function letterPartsOf({ id: letter, kind, subject, text, sentAt, answer, answeredAt }: Letter) {
    return {
        id: letter,
        kind,
        subject,
        text,
        sentAt: formatInstant(sentAt),
        answer,
        answeredAt: formatOrNull(answeredAt),
    }
}

/** Presents a letter to staff. */
export function presentLetter(letter: Letter) {
    return { ...letterPartsOf(letter), partner: letter.partner, readAt: formatOrNull(letter.readAt) }
}
