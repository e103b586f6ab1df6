/** Presents letters to the console and the portal. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Letter } from "../letter.ts"

export const closed = { additionalProperties: false }
export const id = Type.String({ format: "uuid" })
export const byId = Type.Object({ id }, closed)
/** Returns a schema that also allows null. */
export const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const letterText = Type.Object({ subject: Type.String(), text: Type.String() }, closed)
export const obligation = Type.Object({ agreement: Type.Integer(), id: Type.String(), text: Type.String() })

/** Formats an instant, or returns null. */
export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

/** Fields of a letter that both sides read. */
export const letterParts = {
    id,
    kind: Type.String(),
    subject: Type.String(),
    text: Type.String(),
    sentAt: Type.String(),
    answer: orNull(Type.String()),
    answeredAt: orNull(Type.String()),
}

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

/** Fields of a letter for staff. */
export const letterAnswer = Type.Object({ ...letterParts, partner: id, notedAt: orNull(Type.String()) })

/** Presents a letter to staff. */
export function presentLetter(letter: Letter) {
    return { ...letterPartsOf(letter), partner: letter.partner, notedAt: formatOrNull(letter.notedAt) }
}
