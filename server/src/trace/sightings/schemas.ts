/** Request and answer types of the routes of sightings. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { waveTiers } from "../../share/waves/wave.ts"
import { followUpStates } from "./follow-up.ts"
import { clockQualities, protectionStates } from "@tocsin/client/limits"

/** Fields of a report on both sides. */
export const sightingFields = {
    id,
    person: id,
    observedAt: Type.String(),
    zeroReportSince: textOrNull,
    clock: Type.Enum([...clockQualities]),
    product: Type.String(),
    indicators: Type.Array(Type.String()),
    confidence: orNull(Type.Integer()),
    note: Type.String(),
    reportedAt: Type.String(),
    correctedAt: textOrNull,
    withdrawnAt: textOrNull,
}

/** Fields of a protection status on both sides. */
export const protectionFields = {
    person: id,
    state: Type.Enum([...protectionStates]),
    since: textOrNull,
    note: Type.String(),
    reportedAt: Type.String(),
}

/** Fields of a follow-up on both sides. */
export const followUpFields = {
    since: Type.String(),
    dueAt: Type.String(),
    state: Type.Enum([...followUpStates]),
    protectionAt: textOrNull,
    sightingAt: textOrNull,
}

export const followUpsAnswer = Type.Object({
    followUps: Type.Array(Type.Object({ ...followUpFields, partner: id, case: id, tier: Type.Enum([...waveTiers]) })),
})

export const followUpDeadlinesAnswer = Type.Object({
    deadlines: Type.Array(
        Type.Object({
            wave: id,
            tier: Type.Enum([...waveTiers]),
            hours: Type.Integer(),
            released: Type.Boolean(),
            source: Type.Union([Type.Literal("wave"), Type.Literal("case"), Type.Literal("rule")]),
        }),
    ),
})

export const setFollowUpDeadlinesBody = Type.Object({ hours: orNull(Type.Integer()), wave: Type.Optional(id) }, closed)

export const followUpsQuery = Type.Object({ case: id }, closed)

export const sightingsQuery = Type.Object({ case: id }, closed)

export const sightingsAnswer = Type.Object({
    sightings: Type.Array(Type.Object({ ...sightingFields, partner: id, name: Type.String() })),
})

export const protectionStatusesQuery = Type.Object({ case: id }, closed)

export const protectionStatusesAnswer = Type.Object({
    protections: Type.Array(
        Type.Object({
            ...protectionFields,
            partner: id,
            name: Type.String(),
            tookMs: orNull(Type.Integer()),
        }),
    ),
})
