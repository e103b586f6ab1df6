/** Whether the clocks are trusted, and the attestation by two that lets releases go on. */
import { Type } from "typebox"
import type { Memory } from "../../../models/clock-trust.ts"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { attestClock, clockState } from "../actions/guard-clocks.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const orNull = Type.Union([Type.String(), Type.Null()])
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
    /** How far the first is ahead of the second. */
    apartMs: Type.Number(),
    /** Whether they are clocks of two machines. */
    isApart: Type.Boolean(),
    /** Whether one clock is taken as enough, as in the demonstration. */
    isOneEnough: Type.Boolean(),
    /** How far the first is off by a time service that has it synchronised. */
    offByServiceMs: Type.Union([Type.Number(), Type.Null()]),
})

/** `trusted`, `frozen`; `unread` where no worker has looked yet. */
function presented(memory: Memory | null) {
    if (memory === null) {
        return { state: "unread" as const, doubt: null, since: null, agreedSince: null, highWater: null, reading: null }
    }
    const { frozen, agreedSince, highWater } = memory
    const { application, database, isApart, isOneEnough, offByServiceMs } = memory.reading
    return {
        state: frozen === null ? ("trusted" as const) : ("frozen" as const),
        doubt: frozen?.doubt ?? null,
        since: frozen && formatInstant(frozen.since),
        agreedSince: agreedSince === null ? null : formatInstant(agreedSince),
        highWater: formatInstant(highWater),
        reading: {
            application: formatInstant(application),
            database: formatInstant(database),
            apartMs: application - database,
            isApart,
            isOneEnough,
            offByServiceMs,
        },
    }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/clock",
            side: "console",
            permission: "clock:read",
            summary:
                "Whether the clocks are trusted, why not, and what they said last; while they are not, nothing falls",
            answer: Type.Object({
                state: Type.Union([Type.Literal("trusted"), Type.Literal("frozen"), Type.Literal("unread")]),
                doubt: Type.Union([doubt, Type.Null()]),
                since: orNull,
                agreedSince: orNull,
                highWater: orNull,
                reading: Type.Union([reading, Type.Null()]),
            }),
        },
        async (ask) => presented(await clockState(ask)),
    ),
    route(
        {
            method: "POST",
            path: "/api/clock/confirm",
            side: "console",
            permission: "clock:confirm",
            summary:
                "Attests, by two people, that the database's clock was right when it was last read; releases go on",
            body: Type.Object({ approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: orNull }),
        },
        async (ask) => await attestClock(ask, ask.body.approval),
    ),
]
