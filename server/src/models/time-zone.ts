/**
 * Converts wall-clock times of a zone to UTC and back. Zones are those of the IANA database, as the runtime has it.
 *
 * A time that the clocks of its zone skip does not exist. A time that they show twice is two instants. Both are
 * refused, because two people could read them differently.
 */
import type { Instant } from "@tocsin/base/instant"
import { dayMs } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"

/** The time of a wall clock in some time zone, to the minute. */
export interface WallTime {
    readonly year: number
    /** 1 to 12. */
    readonly month: number
    readonly day: number
    readonly hour: number
    readonly minute: number
}

/** The `nth` weekday of each month (-1: the last) at a time of the zone's clocks. */
export interface MonthlyRule {
    readonly nth: 1 | 2 | 3 | 4 | -1
    /** 0 is Sunday. */
    readonly weekday: number
    readonly hour: number
    readonly minute: number
    readonly zone: string
}

const wallTimePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/

/** Reads `2025-07-08T10:00`. Refuses `wall_time.bad_format`, also where no calendar has such a day. */
export function parseWallTime(text: string): WallTime {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = (wallTimePattern.exec(text) ?? []).slice(1).map(Number)
    const wall = { year, month, day, hour, minute }
    if (year >= 1970 && new Date(asUtc(wall)).toISOString().slice(0, 16) === text) return wall
    refuse(
        "invalid",
        "wall_time.bad_format",
        `\`${text.slice(0, 40)}\` is not a date and time: write it like \`2025-07-08T10:00\``,
        { text: text.slice(0, 40) },
    )
}

/**
 * Returns the instant of a wall-clock time. Refuses `wall_time.bad_zone`, `wall_time.skipped` and
 * `wall_time.ambiguous`.
 */
export function instantOf(wall: WallTime, zone: string): Instant {
    const wallClock = clockOf(zone)
    const asIfUtc = asUtc(wall)
    const found = new Set(
        [asIfUtc - dayMs, asIfUtc + dayMs]
            .map((near) => asIfUtc - (asUtc(wallClock(near)) - near))
            .filter((instant) => asUtc(wallClock(instant)) === asIfUtc),
    )
    const [instant, another] = found
    if (instant === undefined) {
        refuse(
            "invalid",
            "wall_time.skipped",
            `the clocks of \`${zone}\` skip \`${formatWallTime(wall)}\`: use another time`,
            { zone, value: formatWallTime(wall) },
        )
    }
    if (another !== undefined) {
        refuse(
            "invalid",
            "wall_time.ambiguous",
            `the clocks of \`${zone}\` show \`${formatWallTime(wall)}\` twice: write it with its offset`,
            { zone, value: formatWallTime(wall) },
        )
    }
    return instant
}

/** Returns the time that the clocks of the zone show. Refuses `wall_time.bad_zone`. */
export function wallTimeAt(instant: Instant, zone: string): WallTime {
    return clockOf(zone)(instant)
}

/**
 * Returns the next `count` instants of a rule after `from`. Skips a month in which the clocks skip that time, or show
 * it twice. For such a month, the planner enters the instant.
 */
export function nextInstantsOf(rule: MonthlyRule, from: Instant, count: number): Instant[] {
    const clock = clockOf(rule.zone)
    const { year, month } = clock(from)
    const found: Instant[] = []
    for (let n = 0; found.length < count && n < count + 12; n++) {
        const first = new Date(Date.UTC(year, month - 1 + n, 1))
        const wall = wallTimeIn(rule, first.getUTCFullYear(), first.getUTCMonth() + 1)
        const instant = instantOrNull(wall, rule.zone)
        if (instant !== null && instant > from) found.push(instant)
    }
    return found
}

function wallTimeIn({ nth, weekday, hour, minute }: MonthlyRule, year: number, month: number): WallTime {
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
    const firstWeekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay()
    const first = 1 + ((weekday - firstWeekday + 7) % 7)
    const day = nth === -1 ? first + 7 * Math.floor((days - first) / 7) : first + 7 * (nth - 1)
    return { year, month, day, hour, minute }
}

function instantOrNull(wall: WallTime, zone: string): Instant | null {
    try {
        return instantOf(wall, zone)
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

const clocks = new Map<string, Intl.DateTimeFormat>()
const clocksMax = 64

function clockOf(zone: string): (instant: Instant) => WallTime {
    const format = clocks.get(zone) ?? formatOf(zone)
    if (clocks.size >= clocksMax) clocks.clear()
    clocks.set(zone, format)
    return (instant) => {
        const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
        const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
        return {
            year: part("year"),
            month: part("month"),
            day: part("day"),
            hour: part("hour"),
            minute: part("minute"),
        }
    }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
    const numbers = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const
    try {
        return new Intl.DateTimeFormat("en-u-hc-h23", { timeZone, ...numbers })
    } catch {
        refuse(
            "invalid",
            "wall_time.bad_zone",
            `\`${timeZone.slice(0, 40)}\` is not a time zone: write one like \`America/Los_Angeles\``,
            { timeZone: timeZone.slice(0, 40) },
        )
    }
}

function asUtc({ year, month, day, hour, minute }: WallTime): number {
    return Date.UTC(year, month - 1, day, hour, minute)
}

function formatWallTime(wall: WallTime): string {
    return new Date(asUtc(wall)).toISOString().slice(0, 16)
}
