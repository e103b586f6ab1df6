/** Request and answer types of the routes of keys. */
import { Type } from "typebox"
import { mailKeyAnswer } from "../schemas.ts"
import { closed, id } from "../../../kernel/schemas.ts"

export const mailKeysAnswer = Type.Object({
    keys: Type.Array(mailKeyAnswer),
    /** Null until the partner has added one. */
    signedWith: Type.Union([Type.Object({ fingerprint: Type.String(), publicText: Type.String() }), Type.Null()]),
})

/** `by`: the usable key that confirms; default: the oldest. */
export const confirmQuery = Type.Object({ by: Type.Optional(id) }, closed)

export const confirmBody = Type.Object(
    { by: Type.Optional(id), code: Type.String({ minLength: 1, maxLength: 60 }) },
    closed,
)

export const testKeyBody = Type.Object({ code: Type.String({ minLength: 1, maxLength: 60 }) }, closed)
