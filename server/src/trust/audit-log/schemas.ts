/** Request and answer types of the routes of audit log. */
import { Type } from "typebox"
import { closed, orNull, textOrNull } from "../../kernel/schemas.ts"

const instant = Type.String({ format: "date-time" })

const count = Type.Integer({ minimum: 0 })

export const checkpointAnswer = Type.Object({
    size: count,
    at: instant,
    verifierKey: Type.String(),
    checkpoint: Type.String(),
})

const eventAnswer = Type.Object({
    seq: count,
    index: orNull(count),
    at: instant,
    kind: Type.String(),
    confidential: Type.Boolean(),
    body: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
})

const accepted = Type.Object({
    ok: Type.Literal(true),
    size: count,
    root: Type.String(),
    withheld: count,
    verifierKey: Type.String(),
    unsequenced: count,
})

const rejected = Type.Object({
    ok: Type.Literal(false),
    index: orNull(count),
    code: Type.String(),
    reason: Type.String(),
    unsequenced: count,
})

export const auditLogQuery = Type.Object(
    { after: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,14}$" })) },
    closed,
)

export const auditLogAnswer = Type.Object({
    events: Type.Array(eventAnswer),
    next: textOrNull,
    checkpoint: orNull(checkpointAnswer),
    unsequenced: count,
})

export const verifyAnswer = Type.Union([accepted, rejected])
