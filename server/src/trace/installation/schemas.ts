/** Request and answer types of the routes of installation. */
import { Type } from "typebox"
import { codeOf, orNull, textOrNull } from "../../kernel/schemas.ts"
import type { Doubt } from "../../models/clock-trust.ts"
import { witnessProblems } from "../../trust/receipts/witnesses/state.ts"
import { channelNames, channelProblems } from "./channel-state.ts"
import { jobStates, releaseConditions } from "./health.ts"
import { keyPlaces, keyPurposes } from "./server-key.ts"

const count = Type.Integer({ minimum: 0 })

const instantOrNull = orNull(Type.String({ format: "date-time" }))

export const healthAnswer = Type.Object({
    canRelease: Type.Boolean(),
    conditions: Type.Array(Type.Object({ condition: codeOf(releaseConditions), isMet: Type.Boolean() })),
    doubt: orNull(Type.Enum(["disagree", "service", "forward", "backward", "alone"] satisfies Doubt[])),
    overdue: count,
    /** The waves that are released together next. */
    next: orNull(Type.Object({ at: Type.String({ format: "date-time" }), waves: count, approved: count })),
    jobs: Type.Array(
        Type.Object({
            job: Type.String(),
            state: codeOf(jobStates),
            /** Wall-clock time since the last success. */
            ageMs: orNull(Type.Integer()),
        }),
    ),
    pendingEvents: count,
    unsentNotices: Type.Object({ partners: count, staff: count }),
    auditLog: Type.Object({
        size: count,
        checkpointAt: instantOrNull,
        unsequenced: count,
        damagedSince: instantOrNull,
    }),
    backups: Type.Object({
        newest: orNull(Type.Object({ takenAt: Type.String({ format: "date-time" }), bytes: count })),
        overdueSince: instantOrNull,
        isExpected: Type.Boolean(),
    }),
    witnessing: Type.Object({
        isExpected: Type.Boolean(),
        /** The newest checkpoint of the receipt log that enough witnesses signed. */
        quorum: orNull(Type.Object({ size: count, at: Type.String({ format: "date-time" }) })),
        lateSince: instantOrNull,
        witnesses: Type.Array(
            Type.Object({
                /** `name+hash` of its key. */
                name: Type.String(),
                askedAt: Type.String({ format: "date-time" }),
                signedSize: count,
                problem: orNull(codeOf(witnessProblems)),
            }),
        ),
    }),
    publicSite: Type.Object({ advisories: count, lastAt: instantOrNull }),
})

export const serverKeysAnswer = Type.Object({
    keys: Type.Array(
        Type.Object({
            purpose: codeOf(keyPurposes),
            algorithm: Type.String(),
            fingerprint: textOrNull,
            place: codeOf(keyPlaces),
            since: instantOrNull,
            count: orNull(count),
        }),
    ),
})

export const channelsAnswer = Type.Object({
    days: count,
    channels: Type.Array(
        Type.Object({
            channel: codeOf(channelNames),
            address: textOrNull,
            /** Partners that used it within `days`. */
            partners: orNull(count),
            lastAt: instantOrNull,
            problems: Type.Array(
                Type.Object({
                    problem: codeOf(channelProblems),
                    partner: orNull(Type.String({ format: "uuid" })),
                    count,
                    since: instantOrNull,
                }),
            ),
        }),
    ),
})
