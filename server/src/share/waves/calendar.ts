/**
 * The program's calendar: the days on which it publishes, such as the second Tuesday at ten in Los Angeles.
 *
 * The calendar only proposes instants. A case stores an instant in UTC, so that later changes of a zone do not move it.
 */
import { type Static, Type } from "typebox"
import type { Instant } from "@tocsin/base/instant"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { nextInstantsOf, wallTimeAt } from "../../models/time-zone.ts"
import { closed } from "../../kernel/schemas.ts"

export const calendarShape = Type.Array(
    Type.Object(
        {
            name: Type.String({ minLength: 1, maxLength: 60 }),
            nth: Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal(4), Type.Literal(-1)]),
            weekday: Type.Integer({ minimum: 0, maximum: 6 }),
            hour: Type.Integer({ minimum: 0, maximum: 23 }),
            minute: Type.Integer({ minimum: 0, maximum: 59 }),
            zone: Type.String({ minLength: 1, maxLength: 60 }),
        },
        closed,
    ),
    { maxItems: 10 },
)

/** The dates of a release calendar, such as Patch Tuesday. */
export type Calendar = Readonly<Static<typeof calendarShape>>

/** Refuses unknown zones, `calendar.duplicate_name` and `calendar.bad_name`. */
export function validateCalendar(calendar: Calendar): void {
    if (new Set(calendar.map((day) => day.name)).size !== calendar.length) {
        refuse("invalid", "calendar.duplicate_name", "two calendar days have the same name: rename one")
    }
    for (const { name, zone } of calendar) {
        if (name.trim() === "" || hasHiddenCharacters(name)) {
            refuse("invalid", "calendar.bad_name", "bad calendar day: use a name of one line")
        }
        wallTimeAt(0, zone)
    }
}

/** A date of the calendar. */
export interface CalendarDay {
    readonly name: string
    readonly at: Instant
}

/** Returns the next instants of every calendar day, in order. */
export function nextDays(calendar: Calendar, now: Instant, count: number): CalendarDay[] {
    const days = calendar.flatMap((rule) => nextInstantsOf(rule, now, count).map((at) => ({ name: rule.name, at })))
    return days.toSorted((a, b) => a.at - b.at)
}
