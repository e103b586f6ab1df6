/** Request and answer types of the routes of delivery. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { verdicts } from "@tocsin/client/limits"
import { waveTiers } from "../waves/wave.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import type { Channel } from "./channel.ts"
import type { UnnotifiedReason } from "./notices/notification.ts"
import type { WaveState, WaveTier } from "../waves/wave.ts"

const receiptAnswer = {
    partner: id,
    person: id,
    case: id,
    artifact: id,
    version: Type.Integer(),
    at: Type.String(),
}

export const deliveriesQuery = Type.Object({ case: Type.Optional(id), partner: Type.Optional(id) }, closed)

export const deliveriesAnswer = Type.Object({
    fetched: Type.Array(
        Type.Object({ id, ...receiptAnswer, class: enumOf<ArtifactClass>(), channel: enumOf<Channel>() }),
    ),
    acknowledged: Type.Array(Type.Object(receiptAnswer)),
})

const count = orNull(Type.Integer())

const testResultAnswer = {
    version: Type.Integer(),
    person: id,
    at: Type.String(),
    verdict: Type.Enum([...verdicts]),
    hits: count,
    falsePositives: count,
    environment: Type.String(),
}

export const testResultsAnswer = Type.Object({
    results: Type.Array(
        Type.Object({
            partner: id,
            name: Type.String(),
            ...testResultAnswer,
            earlier: Type.Array(Type.Object(testResultAnswer)),
        }),
    ),
})

const notificationFields = {
    done: Type.Boolean(),
    recipients: Type.Integer(),
    notified: Type.Integer(),
    filtered: Type.Integer(),
    unnotified: Type.Array(Type.Object({ partner: id, reason: enumOf<UnnotifiedReason>() })),
}

const waveFields = {
    id,
    tier: enumOf<WaveTier>(),
    hoursBefore: Type.Number(),
    at: textOrNull,
    state: enumOf<WaveState>(),
    approval: textOrNull,
    releasedAt: textOrNull,
}

const waveAnswer = Type.Object({ ...waveFields, ...notificationFields })

const versions = Type.Array(Type.Object({ artifact: id, version: Type.Integer() }))

export const rehearsalAnswer = Type.Object({
    at: Type.String(),
    artifacts: versions,
    recipients: Type.Array(Type.Object({ partner: id, notices: Type.Integer(), artifacts: versions })),
    obstacles: Type.Array(Type.Object({ partner: textOrNull, code: Type.String() })),
    ms: Type.Number(),
})

export const dummyRehearsalAnswer = Type.Object({
    at: Type.String(),
    classes: Type.Array(Type.String()),
    recipients: Type.Array(Type.Object({ partner: id, notices: Type.Integer(), classes: Type.Array(Type.String()) })),
    obstacles: rehearsalAnswer.properties.obstacles,
    ms: Type.Number(),
})

export const wavesQuery = Type.Object({ before: Type.String({ maxLength: 40 }) }, closed)

export const wavesAnswer = Type.Object({
    waves: Type.Array(Type.Object({ case: id, ...waveFields, at: Type.String() })),
})

export const caseWavesAnswer = Type.Object({ waves: Type.Array(waveAnswer) })

export const resendNoticesWaveAnswer = Type.Object(notificationFields)

export const rehearseDefaultScheduleBody = Type.Object({ tier: Type.Enum([...waveTiers]) }, closed)
