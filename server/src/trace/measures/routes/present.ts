/** Letters as the console and the portal are answered. */
import { Type } from "typebox"
import { type Instant, formatInstant } from "@tocsin/base/instant"
import type { Letter } from "../letter.ts"

export const closed = { additionalProperties: false }
export const id = Type.String({ format: "uuid" })
export const byId = Type.Object({ id }, closed)
export const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const letterText = Type.Object({ subject: Type.String(), text: Type.String() }, closed)
export const obligation = Type.Object({ agreement: Type.Integer(), id: Type.String(), text: Type.String() })

export const formatOrNull = (instant: Instant | null) => (instant === null ? null : formatInstant(instant))

/** What both sides read of a letter. */
export const letterParts = {
    id,
    kind: Type.String(),
    subject: Type.String(),
    text: Type.String(),
    sentAt: Type.String(),
    answer: orNull(Type.String()),
    answeredAt: orNull(Type.String()),
}

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

/** What the operator reads besides. */
export const letterAnswer = Type.Object({ ...letterParts, partner: id, notedAt: orNull(Type.String()) })

export function presentLetter(letter: Letter) {
    return { ...letterPartsOf(letter), partner: letter.partner, notedAt: formatOrNull(letter.notedAt) }
}
