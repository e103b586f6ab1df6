/** Routes of tasks and deputies, for staff. */
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"

import { alarmsNow } from "./actions/list-alarms.ts"
import { type OwnDeputy, endDeputy, nameDeputy, ownDeputies } from "./actions/name-deputy.ts"
import { noteAnyReturned } from "./actions/record-bounce.ts"
import { waitingForMe } from "./actions/load-tasks.ts"

import { ifNoAction, keyOf } from "./task.ts"
import { byId } from "../../kernel/schemas.ts"
import { nothing } from "../../kernel/schemas.ts"
import { alarmsAnswer, deputiesAnswer, newBounceBody, newDeputyAnswer, newDeputyBody, tasksAnswer } from "./schemas.ts"

const presented = ({ id: value, person, deputy, from, until, roles }: OwnDeputy) => ({
    id: value,
    person,
    deputy,
    from: formatInstant(from),
    until: formatInstant(until),
    roles: [...roles],
})

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
        async (ask) => ({
            alarms: (await alarmsNow(ask)).map(({ code, cause, since }) => ({
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
            summary: "Lists your tasks, with their expiry and what happens without action",
            answer: tasksAnswer,
        },
        async (ask) => ({
            now: formatInstant(ask.now),
            waiting: (await waitingForMe(ask)).map((waitingForMe) => ({
                key: keyOf(waitingForMe),
                kind: waitingForMe.kind,
                about: waitingForMe.about,
                act: waitingForMe.act,
                partner: waitingForMe.partner,
                case: waitingForMe.case,
                since: formatInstant(waitingForMe.since),
                until: waitingForMe.until === null ? null : formatInstant(waitingForMe.until),
                for: waitingForMe.for,
                ifNoAction: ifNoAction(waitingForMe.kind),
                why: waitingForMe.why,
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
        async (ask) => {
            const { mine: otherOwnDeputies, of: items } = await ownDeputies(ask)
            return { mine: otherOwnDeputies.map(presented), of: items.map(presented) }
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
        async (ask) => {
            await endDeputy(ask, ask.params.id)
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
            answer: nothing,
        },
        async (ask) => {
            await noteAnyReturned(ask, ask.body.token, ask.body.fate)
            return {}
        },
    ),
]
