/** What new cases are planned by: the plan of waves, and the calendar of days on which the program publishes. */
import { Type } from "typebox"
import { formatInstant, hourMs } from "@tocsin/base/instant"
import { instantOf, parseWall } from "../../models/time-zone.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { calendarInForce, planInForce, setCalendar, setPlan } from "./actions.ts"
import { calendarShape, nextDays } from "./calendar.ts"
import { planOf } from "./wave.ts"

const closed = { additionalProperties: false }
const daysShown = 6
const hours = Type.Optional(Type.Integer({ minimum: 0 }))
const plan = Type.Object({ validate: hours, advance: hours, entry: hours }, closed)

async function presentPlan(ctx: ActionContext) {
    const input = await planInForce(ctx)
    const hoursBefore: Partial<Record<Tier, number>> = {}
    for (const tier of tiers) {
        const offset = input[tier]
        if (offset !== undefined) hoursBefore[tier] = 0 - offset / hourMs
    }
    return { hoursBefore }
}

export const routes = [
    route(
        {
            method: "GET",
            path: "/api/default-schedule",
            side: "console",
            permission: "wave:read",
            summary: "By how many hours each tier's wave precedes publication, in cases that are planned from now on",
            answer: Type.Object({ hoursBefore: plan }),
        },
        presentPlan,
    ),
    route(
        {
            method: "PUT",
            path: "/api/default-schedule",
            side: "console",
            permission: "default_schedule:write",
            summary: "Sets the plan for cases that have no waves yet; a tier that is left out waits for publication",
            body: Type.Object({ hoursBefore: plan }, closed),
            answer: Type.Object({ hoursBefore: plan }),
        },
        async (ask) => {
            await setPlan(ask, planOf(ask.body.hoursBefore))
            return await presentPlan(ask)
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/calendar",
            side: "console",
            permission: "wave:read",
            summary: "The days on which the program publishes, and the next instants of each",
            answer: Type.Object({
                days: calendarShape,
                next: Type.Array(Type.Object({ name: Type.String(), at: Type.String() })),
            }),
        },
        async (ask) => {
            const days = await calendarInForce(ask)
            const next = nextDays(days, ask.now, daysShown).map(({ name, at }) => ({ name, at: formatInstant(at) }))
            return { days: [...days], next }
        },
    ),
    route(
        {
            method: "PUT",
            path: "/api/calendar",
            side: "console",
            permission: "default_schedule:write",
            summary: "Sets the days on which the program publishes; what was agreed for a case stays",
            body: Type.Object({ days: calendarShape }, closed),
        },
        async (ask) => {
            await setCalendar(ask, ask.body.days)
            return {}
        },
    ),
    route(
        {
            method: "GET",
            path: "/api/calendar/instant",
            side: "console",
            permission: "wave:read",
            summary: "What a time of a zone's clocks is in UTC; times that are skipped or shown twice are refused",
            query: Type.Object({ local: Type.String({ maxLength: 40 }), zone: Type.String({ maxLength: 60 }) }, closed),
            answer: Type.Object({ at: Type.String() }),
        },
        async ({ query }) => ({ at: formatInstant(instantOf(parseWall(query.local), query.zone)) }),
    ),
]
