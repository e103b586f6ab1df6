/** HTTP routes of the operator for the state of the clocks and their confirmation by two people. */
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
    /** How far the application's clock is ahead of the database's clock. */
    apartMs: Type.Number(),
    /** Whether they are clocks of two machines. */
    isApart: Type.Boolean(),
    /** Whether one clock is accepted as enough, as in the demonstration. */
    isOneEnough: Type.Boolean(),
    /** How far the application's clock differs from a time service that synchronises it. */
    offByServiceMs: Type.Union([Type.Number(), Type.Null()]),
})

/** Presents the state: `trusted`, `frozen`, or `unread` before the first check. */
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
                "Returns whether the clocks are trusted, why not, and the last reading; distrusted clocks " +
                "pause releases",
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
                "Confirms, by two people, that the database's clock was right at the last reading; releases continue",
            body: Type.Object({ approval: Type.Optional(id) }, closed),
            answer: Type.Object({ done: Type.Boolean(), approval: orNull }),
        },
        async (ask) => await attestClock(ask, ask.body.approval),
    ),
]
