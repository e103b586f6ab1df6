/** Request and answer types of the routes of release. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { tiers } from "../../trust/partners/partner.ts"
import type { WaveTier } from "../waves/wave.ts"

export const setWaveBody = Type.Object({ hoursBefore: Type.Integer() }, closed)

export const approval = Type.Optional(id)

export const releaseWaveAnswer = Type.Object({ approval: id })

export const unfreezeWaveBody = Type.Object({ approval: Type.Optional(id) }, closed)

export const unfreezeWaveAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const amendAnswer = Type.Object({
    done: Type.Boolean(),
    /** The approval that waits for a signature or was applied; null where one person is enough. */
    approval: orNull(id),
})

export const amendCaseBody = Type.Object({ approval: id }, closed)

const doubt = Type.Union([
    Type.Literal("disagree"),
    Type.Literal("service"),
    Type.Literal("forward"),
    Type.Literal("backward"),
    Type.Literal("alone"),
])

const reading = Type.Object({
    application: Type.String(),
    database: Type.String(),
    /** How far the application's clock is ahead of the database's clock. */
    apartMs: Type.Number(),
    /** Whether they are clocks of two machines. */
    hasTwoClocks: Type.Boolean(),
    /** Whether one clock is accepted as enough, as in the demonstration. */
    isOneEnough: Type.Boolean(),
    /** How far the application's clock differs from a time service that synchronises it. */
    offByServiceMs: orNull(Type.Number()),
})

export const clockAnswer = Type.Object({
    state: Type.Union([Type.Literal("trusted"), Type.Literal("distrusted"), Type.Literal("unread")]),
    doubt: orNull(doubt),
    since: textOrNull,
    agreedSince: textOrNull,
    highWater: textOrNull,
    reading: orNull(reading),
})

export const confirmClockBody = Type.Object({ approval: Type.Optional(id) }, closed)

export const confirmClockAnswer = Type.Object({ done: Type.Boolean(), approval: textOrNull })

const reason = Type.String({ minLength: 1, maxLength: 2000 })

const openedContent = {
    recipients: Type.Array(id),
    artifacts: Type.Array(Type.Object({ artifact: id, version: Type.Integer() })),
}

export const emergencyReleaseAnswer = Type.Object({
    waves: Type.Array(Type.Object({ wave: id, tier: enumOf<WaveTier>(), frozen: Type.Boolean(), ...openedContent })),
})

export const emergencyReleaseCaseBody = Type.Union([
    Type.Object({ reason }, closed),
    Type.Object({ approval: id }, closed),
])

export const emergencyReleaseCaseAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const closeCaseBody = Type.Object({ reason }, closed)

const invitationTerms = {
    withinHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    approval: Type.Optional(id),
}

export const invitedAnswer = Type.Object({
    done: Type.Boolean(),
    invited: Type.Integer(),
    /** The approval that waits for a signature or was applied; null where one person is enough. */
    approval: orNull(id),
})

export const newInvitationBody = Type.Object({ partner: id, ...invitationTerms }, closed)

export const inviteTierCaseBody = Type.Object({ tier: Type.Enum([...tiers]), ...invitationTerms }, closed)

export const newLinkBody = Type.Object(
    {
        to: id,
        kind: Type.Union([Type.Literal("bypass_of"), Type.Literal("variant_of")]),
        approval: Type.Optional(id),
    },
    closed,
)

export const newLinkAnswer = Type.Object({
    done: Type.Boolean(),
    /** The approval that waits for a signature or was applied; null where one person is enough. */
    approval: orNull(id),
})

export const liftRecallBody = Type.Object({ approval: Type.Optional(id) }, closed)

export const liftRecallAnswer = Type.Object({ done: Type.Boolean(), approval: id })

export const releaseLateArtifactBody = Type.Object({ approval: Type.Optional(id) }, closed)

export const releaseLateArtifactAnswer = Type.Object({ done: Type.Boolean(), approval: id })
