/** HTTP routes of the operator for the default schedule of waves and the publication calendar. */
import { formatInstant, hourMs } from "@tocsin/base/instant"
import { instantOf, parseWallTime } from "../../models/time-zone.ts"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { type Tier, tiers } from "../../trust/partners/partner.ts"
import { loadCalendar, loadDefaultSchedule, setCalendar, setDefaultSchedule } from "./actions.ts"
import { nextDays } from "./calendar.ts"
import { scheduleOf } from "./wave.ts"
import {
    calendarAnswer,
    defaultScheduleAnswer,
    instantAnswer,
    instantQuery,
    setCalendarBody,
    setDefaultScheduleAnswer,
    setDefaultScheduleBody,
} from "./schemas.ts"

const daysListed = 6

async function presentSchedule(ctx: ActionContext) {
    const schedule = await loadDefaultSchedule(ctx)
    const hoursBefore: Partial<Record<Tier, number>> = {}
    for (const tier of tiers) {
        const offset = schedule[tier]
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
        presentSchedule,
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
        async (ctx) => {
            await setDefaultSchedule(ctx, scheduleOf(ctx.body.hoursBefore))
            return await presentSchedule(ctx)
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
        async (ctx) => {
            const days = await loadCalendar(ctx)
            const next = nextDays(days, ctx.now, daysListed).map(({ name, at }) => ({ name, at: formatInstant(at) }))
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
        async (ctx) => {
            await setCalendar(ctx, ctx.body.days)
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
        async ({ query }) => ({ at: formatInstant(instantOf(parseWallTime(query.local), query.zone)) }),
    ),
]
