/** Routes of tasks and deputies, for staff. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"

import { listAlarms } from "./actions/list-alarms.ts"
import { type DeputyWithRoles, endDeputy, nameDeputy, listDeputiesOfActor } from "./actions/name-deputy.ts"
import { recordAnyBounce } from "./actions/record-bounce.ts"
import { listTasksOfActor } from "./actions/list-tasks-of-actor.ts"

import { type TaskReason, keyOf } from "./task.ts"
import { byId } from "../../kernel/schemas.ts"
import { emptyAnswer } from "../../kernel/schemas.ts"
import { alarmsAnswer, deputiesAnswer, newBounceBody, newDeputyAnswer, newDeputyBody, tasksAnswer } from "./schemas.ts"

const presentDeputy = ({ id: value, person, deputy, from, until, roles }: DeputyWithRoles) => ({
    id: value,
    person,
    deputy,
    from: formatInstant(from),
    until: formatInstant(until),
    roles: [...roles],
})

function presentReason({ code, lastSuccess, class: kind, faults = [], faultCount = 0 }: TaskReason) {
    const since = typeof lastSuccess === "number" ? formatInstant(lastSuccess) : null
    return { code, lastSuccess: since, class: kind ?? null, faults: [...faults], faultCount }
}

export const routes = [
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/alarms",
            permission: "task:read",
            summary: "Lists the alarms of all staff, such as stopped releases",
            answer: alarmsAnswer,
        },
        async (ctx) => ({
            alarms: (await listAlarms(ctx)).map(({ code, cause, since }) => ({
                code,
                cause,
                since: since === null ? null : formatInstant(since),
            })),
        }),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/tasks",
            permission: "task:read",
            summary: "Lists your tasks with their expiry",
            answer: tasksAnswer,
        },
        async (ctx) => ({
            now: formatInstant(ctx.now),
            tasks: (await listTasksOfActor(ctx)).map((task) => ({
                key: keyOf(task),
                kind: task.kind,
                about: task.about,
                action: task.action,
                partner: task.partner,
                case: task.case,
                since: formatInstant(task.since),
                until: task.until === null ? null : formatInstant(task.until),
                deputyFor: task.deputyFor,
                reason: task.reason && presentReason(task.reason),
            })),
        }),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/deputies",
            permission: "task:read",
            summary: "Lists your deputies, and the people that named you",
            answer: deputiesAnswer,
        },
        async (ctx) => {
            const { deputies, standsInFor } = await listDeputiesOfActor(ctx)
            return { deputies: deputies.map(presentDeputy), standsInFor: standsInFor.map(presentDeputy) }
        },
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/deputies",
            permission: "deputy:write",
            creates: true,
            summary: "Names a deputy for a period, who is notified of your tasks and acts in its own roles",
            body: newDeputyBody,
            answer: newDeputyAnswer,
        },
        async ({ body, ...ctx }) => ({
            id: await nameDeputy(ctx, {
                deputy: body.deputy,
                until: parseInstant(body.until),
                from: body.from === undefined ? undefined : parseInstant(body.from),
            }),
        }),
    ),
    route(
        {
            side: "console",
            method: "DELETE",
            path: "/api/deputies/{id}",
            permission: "deputy:write",
            summary: "Ends a deputy",
            params: byId,
        },
        async (ctx) => {
            await endDeputy(ctx, ctx.params.id)
            return {}
        },
    ),
    route(
        {
            method: "POST",
            path: "/api/bounces",
            side: "console",
            permission: "public",
            summary: "Records a bounce by the token in its address, for `tocsin receive-bounce`",
            body: newBounceBody,
            perHourMax: 6_000,
            answer: emptyAnswer,
        },
        async (ctx) => {
            await recordAnyBounce(ctx, ctx.body.token, ctx.body.outcome)
            return {}
        },
    ),
]
