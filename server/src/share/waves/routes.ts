/** HTTP routes of the operator for the default schedule of waves and the publication calendar. */
import { formatInstant, hourMs } from "@tocsin/base/instant"
import { instantOf, parseWall } from "../../models/time-zone.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { calendarInForce, planInForce, setCalendar, setPlan } from "./actions.ts"
import { nextDays } from "./calendar.ts"
import { planOf } from "./wave.ts"
import {
    calendarAnswer,
    defaultScheduleAnswer,
    instantAnswer,
    instantQuery,
    setCalendarBody,
    setDefaultScheduleAnswer,
    setDefaultScheduleBody,
} from "./schemas.ts"

const daysShown = 6

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
            answer: defaultScheduleAnswer,
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
            body: setDefaultScheduleBody,
            answer: setDefaultScheduleAnswer,
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
            answer: calendarAnswer,
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
            body: setCalendarBody,
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
            query: instantQuery,
            answer: instantAnswer,
        },
        async ({ query }) => ({ at: formatInstant(instantOf(parseWall(query.local), query.zone)) }),
    ),
]
