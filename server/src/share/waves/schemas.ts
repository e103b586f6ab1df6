/** Request and answer types of the routes of waves. */
import { Type } from "typebox"
import { closed } from "../../kernel/schemas.ts"
import { calendarShape } from "./calendar.ts"

const hours = Type.Optional(Type.Integer({ minimum: 0 }))

const schedule = Type.Object({ validate: hours, advance: hours, entry: hours }, closed)

export const defaultScheduleAnswer = Type.Object({ hoursBefore: schedule })

export const setDefaultScheduleBody = Type.Object({ hoursBefore: schedule }, closed)

export const setDefaultScheduleAnswer = Type.Object({ hoursBefore: schedule })

export const calendarAnswer = Type.Object({
    days: calendarShape,
    next: Type.Array(Type.Object({ name: Type.String(), at: Type.String() })),
})

export const setCalendarBody = Type.Object({ days: calendarShape }, closed)

export const instantQuery = Type.Object(
    { local: Type.String({ maxLength: 40 }), zone: Type.String({ maxLength: 60 }) },
    closed,
)

export const instantAnswer = Type.Object({ at: Type.String() })
