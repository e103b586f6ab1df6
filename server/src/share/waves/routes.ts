/** HTTP routes of the operator for the default schedule of waves and the publication calendar. */
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
            summary: "Returns the default schedule: the hours by which each tier's wave precedes publication",
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
            summary: "Sets the default schedule for cases without waves; a tier left out waits for publication",
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
            summary: "Lists the days on which the program publishes, with the next instants of each",
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
            summary: "Sets the days on which the program publishes; agreed embargoes do not change",
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
            summary: "Converts a local time of a zone to UTC; refuses times that are skipped or occur twice",
            query: Type.Object({ local: Type.String({ maxLength: 40 }), zone: Type.String({ maxLength: 60 }) }, closed),
            answer: Type.Object({ at: Type.String() }),
        },
        async ({ query }) => ({ at: formatInstant(instantOf(parseWall(query.local), query.zone)) }),
    ),
]
