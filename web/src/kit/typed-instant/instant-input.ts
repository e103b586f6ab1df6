/** Reads an instant that a person typed, like "12 Aug 10:00" or "12. Dez 10:00". Pure. */
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"

/** The first three letters of each month, in English and in German. */
const months = [
    ["jan"],
    ["feb"],
    ["mar", "mär"],
    ["apr"],
    ["may", "mai"],
    ["jun"],
    ["jul"],
    ["aug"],
    ["sep"],
    ["oct", "okt"],
    ["nov"],
    ["dec", "dez"],
]

const pattern =
    /^(\d{1,2})(?:\.\s*|\s+)(\p{L}{3})\p{L}*\.?(?:\s+(\d{4}))?[\s,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*(?:utc|z))?$/iu
const isoPattern = /^(\d{4})-(\d{2})-(\d{2})[\st]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*utc)?$/i

/** Returns the instant with its offset; null: the text is not an instant. Times are UTC. Without a year, the nearest to `now`. */
export function instantIn(text: string, now: string | null): string | null {
    const input = text.trim()
    const iso = isoPattern.exec(input)
    if (iso !== null) {
        const [, year = "", month = "", day = "", hour = "", minute = "", second = "0"] = iso
        return instantOf(Number(year), Number(month), [day, hour, minute, second].map(Number))
    }
    const typed = pattern.exec(input)
    if (typed === null) return readable(input)
    const [, day = "", name = "", year, hour = "", minute = "", second = "0"] = typed
    const month = months.findIndex((names) => names.includes(name.toLowerCase())) + 1
    const rest = [day, hour, minute, second].map(Number)
    if (year !== undefined) return instantOf(Number(year), month, rest)
    return now === null ? null : nearestYear(now, (candidate) => instantOf(candidate, month, rest))
}

/** Returns a full instant unchanged. */
function readable(input: string): string | null {
    try {
        parseInstant(input)
        return input
    } catch {
        return null
    }
}

/** Returns null for a day or time that does not exist. */
function instantOf(
    year: number,
    month: number,
    [day = 0, hour = 0, minute = 0, second = 0]: readonly number[],
): string | null {
    const at = Date.UTC(year, month - 1, day, hour, minute, second)
    const date = new Date(at)
    const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
    return isReal && minute < 60 && second < 60 ? formatInstant(at) : null
}

/** A day more than half a year away is meant in another year. */
function nearestYear(now: string, at: (year: number) => string | null): string | null {
    const start = parseInstant(now)
    const year = new Date(start).getUTCFullYear()
    const found = [year - 1, year, year + 1].flatMap((candidate) => at(candidate) ?? [])
    const distance = (instant: string) => Math.abs(parseInstant(instant) - start)
    return (
        found.toSorted((a, b) => distance(a) - distance(b)).find((instant) => distance(instant) < 366 * dayMs) ?? null
    )
}
