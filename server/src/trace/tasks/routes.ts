/** Routes of tasks and deputies, for staff. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { route } from "../../kernel/action-context.ts"
import { fates, tokenPattern } from "../../trust/mail/bounce.ts"
import { alarmsNow } from "./actions/list-alarms.ts"
import { type OwnDeputy, endDeputy, nameDeputy, ownDeputies } from "./actions/name-deputy.ts"
import { noteAnyReturned } from "./actions/record-bounce.ts"
import { waitingForMe } from "./actions/load-tasks.ts"
import { alarmCauses, alarmCodes } from "./alarm.ts"
import { ifNoAction, keyOf } from "./task.ts"

const closed = { additionalProperties: false }
const id = Type.String({ format: "uuid" })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const instant = Type.String({ maxLength: 40 })

const item = Type.Object({
    key: Type.String(),
    kind: Type.String(),
    about: Type.String(),
    act: orNull(Type.String()),
    partner: orNull(id),
    case: orNull(id),
    since: Type.String(),
    until: orNull(Type.String()),
    ifNoAction: Type.String(),
    for: orNull(id),
    why: orNull(Type.String()),
})
const deputyAnswer = Type.Object({
    id,
    person: id,
    deputy: id,
    from: Type.String(),
    until: Type.String(),
    /** The current roles; empty where the deputy does not count. */
    roles: Type.Array(Type.String()),
})

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
            answer: Type.Object({
                alarms: Type.Array(
                    Type.Object({
                        code: Type.Enum([...alarmCodes]),
                        cause: Type.Enum([...alarmCauses]),
                        since: orNull(Type.String()),
                    }),
                ),
            }),
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
            answer: Type.Object({ now: Type.String(), waiting: Type.Array(item) }),
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
            answer: Type.Object({ mine: Type.Array(deputyAnswer), of: Type.Array(deputyAnswer) }),
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
            body: Type.Object({ deputy: id, from: Type.Optional(instant), until: instant }, closed),
            answer: Type.Object({ id }),
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
            params: Type.Object({ id }, closed),
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
            body: Type.Object(
                { token: Type.String({ pattern: tokenPattern }), fate: Type.Enum([...fates]) },
                { additionalProperties: false },
            ),
            perHourMax: 6_000,
            answer: Type.Object({}),
        },
        async (ask) => {
            await noteAnyReturned(ask, ask.body.token, ask.body.fate)
            return {}
        },
    ),
]
