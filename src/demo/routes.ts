/** The demonstration's clock: where it stands, what comes next, and moving it on. */
import { setTimeout as pause } from "node:timers/promises"
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../lib/instant.ts"
import { aimDemoClock, demoTarget } from "../platform/clock.ts"
import { After } from "../platform/http.ts"
import type { Doors } from "../platform/doors.ts"
import { record, route } from "../trust/audit/actions.ts"
import { comingAfter, told } from "./playing.ts"

const waitMsMax = 120_000
const pauseMs = 50
const closed = { additionalProperties: false }
const answer = Type.Object({
    now: Type.String(),
    next: Type.Array(Type.Object({ at: Type.String(), what: Type.String() })),
})

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/demo/clock",
            side: "console",
            needs: "clock:move",
            does: "Where the demonstration's clock stands, and what comes next",
            answer,
        },
        async (ask) => ({ now: formatInstant(ask.now), next: (await comingAfter(ask)).map(told) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/demo/clock",
            side: "console",
            needs: "clock:move",
            does: "Moves the demonstration's clock on; answers when everything on the way has happened",
            body: Type.Object({ to: Type.String() }, closed),
            answer,
        },
        async (ask) => {
            const to = parseInstant(ask.body.to)
            await aimDemoClock(ask.tx, to)
            await record(ask, { kind: "clock.moved", to })
            return new After(() => arrived(ask.doors))
        },
    ),
]

async function arrived(doors: Doors): Promise<unknown> {
    const until = doors.realNow() + waitMsMax
    while (doors.realNow() < until && (await doors.db.transaction(demoTarget)) !== null) await pause(pauseMs)
    return await doors.db.transaction(async (tx) => {
        const now = await doors.clock.now(tx)
        const act = { tx, now, doors, actor: { kind: "system" as const, step: "demonstration" } }
        return { now: formatInstant(now), next: (await comingAfter(act)).map(told) }
    })
}
