/** Request and answer types of the routes of continuity. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { differences, endKinds } from "../../models/high-water.ts"

const count = Type.Integer({ minimum: 0 })

const instant = Type.String({ format: "date-time" })

const instantOrNull = orNull(instant)

const side = Type.Object({ auditLog: count, receiptLog: count, changes: count, program: instantOrNull })

export const receiptsMax = 20

export const receiptBytesMax = 16 * 1024

const receipts = Type.Array(Type.String({ minLength: 1, maxLength: receiptBytesMax }), { maxItems: receiptsMax })

const quarantineState = Type.Object({
    id,
    since: instant,
    reasons: Type.Array(Type.Enum([...differences])),
    files: Type.Array(Type.Object({ id, file: side, database: side })),
    applied: Type.Array(
        Type.Object({
            kind: Type.Enum([...endKinds]),
            id: Type.String(),
            status: textOrNull,
            outcome: Type.Union([Type.Literal("applied"), Type.Literal("refused")]),
        }),
    ),
})

export const quarantineAnswer = Type.Object({ quarantine: orNull(quarantineState), damagedSince: instantOrNull })

export const compareReceiptsQuarantineBody = Type.Object({ receipts }, closed)

export const compareReceiptsQuarantineAnswer = Type.Object({
    verdicts: Type.Array(
        Type.Object({
            verdict: Type.Union([Type.Literal("known"), Type.Literal("missing"), Type.Literal("differs")]),
            batches: count,
            at: instant,
        }),
    ),
})

export const reconcileQuarantineBody = Type.Object(
    { receipts: Type.Optional(receipts), approval: Type.Optional(id) },
    closed,
)

export const reconcileQuarantineAnswer = Type.Object({ done: Type.Boolean(), approval: id })
