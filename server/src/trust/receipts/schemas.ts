/** Request and answer types of the routes of receipts. */
import { Type } from "typebox"
import { textOrNull } from "../../kernel/schemas.ts"

export const sizeField = Type.String({ pattern: "^(0|[1-9][0-9]{0,14})$" })

export const checkpointAnswer = Type.Object({
    size: Type.Integer({ minimum: 1 }),
    at: Type.String({ format: "date-time" }),
    verifierKey: Type.String(),
    checkpoint: Type.String(),
    /** The newest checkpoint that enough witnesses signed. */
    witnessed: textOrNull,
    nextInSeconds: Type.Integer({ minimum: 0 }),
    /** Changes of the partner's keys. Those in no batch yet count too. */
    keyChanges: Type.Integer({ minimum: 0 }),
})
