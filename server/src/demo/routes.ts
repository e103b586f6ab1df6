/** Routes of the demonstration's clock: read it and move it. */
import { setTimeout as pause } from "node:timers/promises"

import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { setDemoTarget, findDemoTarget } from "../platform/time/clock.ts"
import { DeferredAnswer } from "../kernel/route.ts"
import type { Services } from "../kernel/services.ts"
import { record, route } from "../kernel/action-context.ts"
import { listUpcomingEvents, presentUpcomingEvent } from "./move-clock.ts"
import { clockDemoBody, demoClockAnswer } from "./schemas.ts"

const waitMsMax = 120_000
const pauseMs = 50

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/demo/clock",
            side: "console",
            permission: "clock:move",
            summary: "Returns the demonstration's clock and the next event",
            answer: demoClockAnswer,
        },
        async (ctx) => ({
            now: formatInstant(ctx.now),
            next: (await listUpcomingEvents(ctx)).map(presentUpcomingEvent),
        }),
    ),
    route(
        {
            method: "POST",
            path: "/api/demo/clock",
            side: "console",
            permission: "clock:move",
            summary: "Moves the demonstration's clock, and answers when all events on the way are done",
            body: clockDemoBody,
            answer: demoClockAnswer,
        },
        async (ctx) => {
            const to = parseInstant(ctx.body.to)
            await setDemoTarget(ctx.tx, to)
            await record(ctx, { kind: "clock.moved", to })
            return new DeferredAnswer(() => waitForClock(ctx.services))
        },
    ),
]

async function waitForClock(services: Services): Promise<unknown> {
    const until = services.realNow() + waitMsMax
    while (services.realNow() < until && (await services.db.transaction(findDemoTarget)) !== null) await pause(pauseMs)
    return await services.db.transaction(async (tx) => {
        const now = await services.clock.now(tx)
        const ctx = { tx, now, services, actor: { kind: "system" as const, component: "demonstration" } }
        return { now: formatInstant(now), next: (await listUpcomingEvents(ctx)).map(presentUpcomingEvent) }
    })
}
