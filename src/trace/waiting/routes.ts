/** What waits for whoever asks, and deputies, over HTTP; for the operator's persons. */
import { Type } from "typebox"
import { formatInstant, parseInstant } from "../../lib/instant.ts"
import { route } from "../../trust/audit/actions.ts"
import { fates, tokenPattern } from "../../trust/mailing/returned.ts"
import { alarmsNow } from "./actions/alarms.ts"
import { type OwnDeputy, endDeputy, nameDeputy, ownDeputies } from "./actions/deputies.ts"
import { noteAnyReturned } from "./actions/returning.ts"
import { waitingForMe } from "./actions/waiting.ts"
import { alarmCauses, alarmCodes } from "./alarm.ts"
import { ifNoAction, keyOf } from "./waiting.ts"

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
    ...{ id, person: id, deputy: id, from: Type.String(), until: Type.String() },
    /** In which it stands in; none: it does not count. */
    roles: Type.Array(Type.String()),
})

const presented = ({ id: its, person, deputy, from, until, roles }: OwnDeputy) => ({
    ...{ id: its, person, deputy, from: formatInstant(from), until: formatInstant(until), roles: [...roles] },
})

export const routes = [
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/alarms",
            needs: "task:read",
            does: "Lists what every staff member must know at once, such as that releases are not running",
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
                ...{ code, cause, since: since === null ? null : formatInstant(since) },
            })),
        }),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/tasks",
            needs: "task:read",
            does: "What waits for you: signatures, reviews, decisions, answers; until when, and what happens if nobody acts",
            answer: Type.Object({ now: Type.String(), waiting: Type.Array(item) }),
        },
        async (ask) => ({
            now: formatInstant(ask.now),
            waiting: (await waitingForMe(ask)).map((one) => ({
                ...{ key: keyOf(one), kind: one.kind, about: one.about, act: one.act },
                ...{ partner: one.partner, case: one.case, since: formatInstant(one.since) },
                ...{ until: one.until === null ? null : formatInstant(one.until), for: one.for },
                ...{ ifNoAction: ifNoAction(one.kind), why: one.why },
            })),
        }),
    ),
    route(
        {
            side: "console",
            method: "GET",
            path: "/api/deputies",
            needs: "task:read",
            does: "Whom you have named as your deputies, and who has named you",
            answer: Type.Object({ mine: Type.Array(deputyAnswer), of: Type.Array(deputyAnswer) }),
        },
        async (ask) => {
            const { mine, of } = await ownDeputies(ask)
            return { mine: mine.map(presented), of: of.map(presented) }
        },
    ),
    route(
        {
            side: "console",
            method: "POST",
            path: "/api/deputies",
            needs: "deputy:write",
            creates: true,
            does: "Names a deputy for a span of time, who is told of what waits for you and acts in roles of its own",
            body: Type.Object({ deputy: id, from: Type.Optional(instant), until: instant }, closed),
            answer: Type.Object({ id }),
        },
        async ({ body, ...act }) => ({
            id: await nameDeputy(act, {
                ...{ deputy: body.deputy, until: parseInstant(body.until) },
                from: body.from === undefined ? undefined : parseInstant(body.from),
            }),
        }),
    ),
    route(
        {
            side: "console",
            method: "DELETE",
            path: "/api/deputies/{id}",
            needs: "deputy:write",
            does: "Ends that somebody is your deputy",
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
            needs: "public",
            does: "Notes that a mail of ours came back, by the token in the address that it was sent from, for `tocsin receive-bounce`",
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
