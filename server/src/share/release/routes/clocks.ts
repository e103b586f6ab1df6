/** HTTP routes of the operator for the state of the clocks and their confirmation by two people. */
import type { ClockMemory } from "../../../models/clock-trust.ts"
import { formatInstant } from "@tocsin/base/instant"
import { route } from "../../../kernel/action-context.ts"
import { confirmClock, findClockState } from "../actions/guard-clocks.ts"
import { clockAnswer, confirmClockAnswer, confirmClockBody } from "../schemas.ts"

/** Presents the state: `trusted`, `distrusted`, or `unread` before the first check. */
function presentClock(memory: ClockMemory | null) {
    if (memory === null) {
        return { state: "unread" as const, doubt: null, since: null, agreedSince: null, highWater: null, reading: null }
    }
    const { distrust: frozen, agreedSince, highWater } = memory
    const { application, database, hasTwoClocks, isOneEnough, offByServiceMs } = memory.reading
    return {
        state: frozen === null ? ("trusted" as const) : ("distrusted" as const),
        doubt: frozen?.doubt ?? null,
        since: frozen && formatInstant(frozen.since),
        agreedSince: agreedSince === null ? null : formatInstant(agreedSince),
        highWater: formatInstant(highWater),
        reading: {
            application: formatInstant(application),
            database: formatInstant(database),
            apartMs: application - database,
            hasTwoClocks,
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
            answer: clockAnswer,
        },
        async (ctx) => presentClock(await findClockState(ctx)),
    ),
    route(
        {
            method: "POST",
            path: "/api/clock/confirm",
            side: "console",
            permission: "clock:confirm",
            summary:
                "Confirms, by two people, that the database's clock was right at the last reading; releases continue",
            body: confirmClockBody,
            answer: confirmClockAnswer,
        },
        async (ctx) => await confirmClock(ctx, ctx.body.approval),
    ),
]
