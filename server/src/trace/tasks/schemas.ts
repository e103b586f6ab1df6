/** Request and answer types of the routes of tasks. */
import { Type } from "typebox"
import { bounceOutcomes, tokenPattern } from "../../trust/mail/bounce.ts"
import { codeOf, closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { alarmCauses, alarmCodes } from "./alarm.ts"
import type { OperatorRole } from "../../kernel/actor.ts"
import { taskKinds, taskReasonCodes } from "./task.ts"

const instant = Type.String({ maxLength: 40 })

const taskAnswer = Type.Object({
    key: Type.String(),
    kind: codeOf(taskKinds),
    about: Type.String(),
    action: textOrNull,
    partner: orNull(id),
    case: orNull(id),
    since: Type.String(),
    until: textOrNull,
    deputyFor: orNull(id),
    reason: orNull(
        Type.Object({
            code: codeOf(taskReasonCodes),
            /** The last release of a late worker. */
            lastSuccess: textOrNull,
            /** The class whose hourly limit was reached. */
            class: textOrNull,
            /** The first faults of a refused advisory, in English, and the number of all faults. */
            faults: Type.Array(Type.String()),
            faultCount: Type.Integer(),
        }),
    ),
})

const deputyAnswer = Type.Object({
    id,
    person: id,
    deputy: id,
    from: Type.String(),
    until: Type.String(),
    /** The current roles; empty where the deputy does not count. */
    roles: Type.Array(enumOf<OperatorRole>()),
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

export const tasksAnswer = Type.Object({ now: Type.String(), tasks: Type.Array(taskAnswer) })

export const deputiesAnswer = Type.Object({ deputies: Type.Array(deputyAnswer), standsInFor: Type.Array(deputyAnswer) })

export const newDeputyBody = Type.Object({ deputy: id, from: Type.Optional(instant), until: instant }, closed)

export const newDeputyAnswer = Type.Object({ id })

export const newBounceBody = Type.Object(
    { token: Type.String({ pattern: tokenPattern }), outcome: Type.Enum([...bounceOutcomes]) },
    closed,
)
