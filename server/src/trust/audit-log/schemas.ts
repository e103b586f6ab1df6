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

const id = Type.String({ format: "uuid" })

export const auditLogQuery = Type.Object(
    {
        after: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,14}$", description: "`next` of the page before" })),
        case: Type.Optional(id),
        partner: Type.Optional(id),
        person: Type.Optional(id),
        kind: Type.Optional(
            Type.String({
                pattern: "^[a-z_]+(\\.[a-z_]+)?(,[a-z_]+(\\.[a-z_]+)?)*$",
                maxLength: 1000,
                description: "kinds like `wave.released` or objects like `wave`, separated by commas",
            }),
        ),
        limit: Type.Optional(
            Type.String({ pattern: "^([1-9][0-9]?|100)$", description: "events of a page, 100 at most" }),
        ),
        from: Type.Optional(instant),
        until: Type.Optional(instant),
    },
    closed,
)

/** Objects in the order of their first event, which numbers them for viewers that may not read their names. */
const loggedObjects = Type.Array(Type.Object({ id, at: instant }))

export const subjectsAnswer = Type.Object({ cases: loggedObjects, partners: loggedObjects })

export const auditLogAnswer = Type.Object({
    events: Type.Array(eventAnswer),
    next: textOrNull,
    checkpoint: orNull(checkpointAnswer),
    unsequenced: count,
})

export const verifyAnswer = Type.Union([accepted, rejected])
