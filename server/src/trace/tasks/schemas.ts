/** Request and answer types of the routes of tasks. */
import { Type } from "typebox"
import { fates, tokenPattern } from "../../trust/mail/bounce.ts"
import { closed, id, orNull, textOrNull, wordOf } from "../../kernel/schemas.ts"
import { alarmCauses, alarmCodes } from "./alarm.ts"
import type { OperatorRole } from "../../kernel/actor.ts"
import type { Kind } from "./task.ts"

const instant = Type.String({ maxLength: 40 })

const taskAnswer = Type.Object({
    key: Type.String(),
    kind: wordOf<Kind>(),
    about: Type.String(),
    act: textOrNull,
    partner: orNull(id),
    case: orNull(id),
    since: Type.String(),
    until: textOrNull,
    ifNoAction: Type.String(),
    for: orNull(id),
    why: textOrNull,
})

const deputyAnswer = Type.Object({
    id,
    person: id,
    deputy: id,
    from: Type.String(),
    until: Type.String(),
    /** The current roles; empty where the deputy does not count. */
    roles: Type.Array(wordOf<OperatorRole>()),
})

export const alarmsAnswer = Type.Object({
    alarms: Type.Array(
        Type.Object({
            code: Type.Enum([...alarmCodes]),
            cause: Type.Enum([...alarmCauses]),
            since: textOrNull,
        }),
    ),
})

export const tasksAnswer = Type.Object({ now: Type.String(), waiting: Type.Array(taskAnswer) })

export const deputiesAnswer = Type.Object({ mine: Type.Array(deputyAnswer), of: Type.Array(deputyAnswer) })

export const newDeputyBody = Type.Object({ deputy: id, from: Type.Optional(instant), until: instant }, closed)

export const newDeputyAnswer = Type.Object({ id })

export const newBounceBody = Type.Object(
    { token: Type.String({ pattern: tokenPattern }), fate: Type.Enum([...fates]) },
    closed,
)
