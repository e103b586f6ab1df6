/**
 * Handles instants: points in time in milliseconds since 1970, UTC.
 *
 * A written time must have an offset (RFC 3339). Times that two people could read differently are refused.
 */
import { refuse } from "./refusal.ts"

/** Milliseconds since 1970, UTC. */
export type Instant = number

/** One hour in milliseconds. */
export const hourMs = 3_600_000
/** One day in milliseconds. */
export const dayMs = 86_400_000

/** The last instant whose year has four digits. */
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

const instantPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)$/

/**
 * Reads RFC 3339 with an offset, also without seconds, as in ISO 8601. Refuses `instant.invalid` for anything else,
 * such as no offset, 24:00, :60, or 30 February.
 */
export function parseInstant(text: string): Instant {
    const parts = instantPattern.exec(text)
    if (!parts) refuseInvalid(text)
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as [
        number,
        number,
        number,
        number,
        number,
        number,
    ]
    const offset = offsetMinutes(parts[8] ?? "Z")
    const millis = Number((parts[7] ?? "").padEnd(3, "0").slice(0, 3))
    const local = Date.UTC(year, month - 1, day, hour, minute, second, millis)
    const read = new Date(local)
    // A part beyond its range, such as 30 February, moves the next larger part. Comparing numbers is fast.
    const isReal =
        read.getUTCMonth() === month - 1 &&
        read.getUTCDate() === day &&
        read.getUTCHours() === hour &&
        read.getUTCMinutes() === minute &&
        read.getUTCSeconds() === second
    if (!isReal || year < 1970 || offset === null) refuseInvalid(text)
    const instant = local - offset * 60_000
    return instant >= 0 && instant <= lastInstant ? instant : refuseInvalid(text)
}

/** Writes an instant like `2025-07-08T17:00:00Z`, with milliseconds only if they are not 0. */
export function formatInstant(instant: Instant): string {
    return new Date(instant).toISOString().replace(".000Z", "Z")
}

/** Adds months at the same UTC time of day. If that month has no such day, takes its last day. */
export function monthsAfter(instant: Instant, months: number): Instant {
    const from = new Date(instant)
    const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months]
    const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
    return Date.UTC(year, month, Math.min(from.getUTCDate(), days)) + (instant - midnightBefore(instant))
}

const words = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
})

/** Formats an instant for people, in letters and mail: `8 Jul 2025 17:00 UTC`. */
export const instantInWords = (instant: Instant): string => `${words.format(instant).replace(",", "")} UTC`

const midnightBefore = (instant: Instant): Instant => Math.floor(instant / dayMs) * dayMs

function offsetMinutes(text: string): number | null {
    if (text === "Z") return 0
    const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))]
    if (hours > 14 || minutes > 59) return null
    return (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes)
}

function refuseInvalid(text: string): never {
    const quoted = text.slice(0, 40)
    refuse("invalid", "instant.invalid", `\`${quoted}\` is not an instant: write it like \`2025-07-08T17:00:00Z\``, {
        quoted,
    })
}
