/** The demonstration's clock: where it stands, what comes next, and moving it on. */
import { setTimeout as pause } from "node:timers/promises"
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../lib/instant.ts"
import { aimDemoClock, findDemoTarget } from "../platform/clock.ts"
import { After } from "../platform/http.ts"
import type { Services } from "../platform/doors.ts"
import { record, route } from "../trust/audit/actions.ts"
import { comingAfter, describe } from "./playing.ts"

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
            permission: "clock:move",
            summary: "Where the demonstration's clock stands, and what comes next",
            answer,
        },
        async (ask) => ({ now: formatInstant(ask.now), next: (await comingAfter(ask)).map(describe) }),
    ),
    route(
        {
            method: "POST",
            path: "/api/demo/clock",
            side: "console",
            permission: "clock:move",
            summary: "Moves the demonstration's clock on; answers when everything on the way has happened",
            body: Type.Object({ to: Type.String() }, closed),
            answer,
        },
        async (ask) => {
            const to = parseInstant(ask.body.to)
            await aimDemoClock(ask.tx, to)
            await record(ask, { kind: "clock.moved", to })
            return new After(() => arrived(ask.services))
        },
    ),
]

async function arrived(services: Services): Promise<unknown> {
    const until = services.realNow() + waitMsMax
    while (services.realNow() < until && (await services.db.transaction(findDemoTarget)) !== null) await pause(pauseMs)
    return await services.db.transaction(async (tx) => {
        const now = await services.clock.now(tx)
        const ctx = { tx, now, services, actor: { kind: "system" as const, step: "demonstration" } }
        return { now: formatInstant(now), next: (await comingAfter(ctx)).map(describe) }
    })
}
