/** Shows instants in UTC first, because programs span time zones, and then in the viewer's zone. */
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { locale, t } from "../messages/message.ts"

const clock = { hour: "2-digit", minute: "2-digit" } as const
const dated = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const
const utc = new Intl.DateTimeFormat(locale, { ...dated, ...clock })
const utcToTheSecond = new Intl.DateTimeFormat(locale, { ...dated, ...clock, second: "2-digit" })
const utcDay = new Intl.DateTimeFormat(locale, dated)
const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone

export function wordsOf(at: string): string {
    return t("{instant} UTC", { instant: utc.format(parseInstant(at)).replace(",", "") })
}

/** The same with seconds, where the instant has them: a form must not round what it shows. */
export function exactWordsOf(at: string): string {
    const instant = parseInstant(at)
    if (instant % 60_000 === 0) return wordsOf(at)
    return t("{instant} UTC", { instant: utcToTheSecond.format(instant).replace(",", "") })
}

/** The day of an instant in UTC. */
export const dayOf = (at: string): string => utcDay.format(parseInstant(at))

/** Formats the instant in a zone; null: the zone shows UTC. `brief`: only the time, with the day if it differs. */
export function hereOf(at: string, brief = false, timeZone: string = ownZone): string | null {
    if (["UTC", "Etc/UTC", "GMT"].includes(timeZone)) return null
    const dayIn = (zone: string) =>
        new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short", timeZone: zone }).format(
            parseInstant(at),
        )
    const time = new Intl.DateTimeFormat(locale, { ...clock, timeZone, timeZoneName: "short" }).format(parseInstant(at))
    return brief && dayIn(timeZone) === dayIn("UTC") ? time : `${dayIn(timeZone)}, ${time}`
}

/** Formats both as one line of text. */
export function bothOf(at: string): string {
    const here = hereOf(at, true)
    return here === null ? wordsOf(at) : `${wordsOf(at)} (${here})`
}

/**
 * Shows one instant. `short`: shows only the time in the viewer's zone, if the day is the same, and none of it in
 * tables, rails and notes of rows.
 */
export function When({ at, short = false }: { at: string | null; short?: boolean }) {
    if (at === null) return <span className="muted">{t("not yet")}</span>
    const here = hereOf(at, short)
    return (
        <time dateTime={at} className="when">
            {wordsOf(at)}
            {here !== null && (
                <span className={short ? "when-here brief" : "when-here"}> {short ? `(${here})` : here}</span>
            )}
        </time>
    )
}

/** Formats a distance like "in 3 d 4 h" or "2 h ago" from `now`, in program time. */
export function distance(at: Instant, now: Instant): string {
    const apart = Math.abs(at - now)
    if (apart < 60_000) return t("now")
    const span = spanText(apart)
    return at > now ? t("in {span}", { span }) : t("{span} ago", { span })
}

/** Formats a span in its largest unit or two, like "3 d 4 h". */
export function spanText(spanMs: number): string {
    const { days, hours, minutes } = unitsIn(spanMs)
    const parts = [
        days > 0 && t("{days} d", { days }),
        hours > 0 && t("{hours} h", { hours }),
        days === 0 && minutes > 0 && t("{minutes} min", { minutes }),
    ]
    return parts.filter((part) => part !== false).join(" ")
}

const unitsIn = (spanMs: number) => ({
    days: Math.floor(spanMs / dayMs),
    hours: Math.floor((spanMs % dayMs) / hourMs),
    minutes: Math.floor((spanMs % hourMs) / 60_000),
})

type SpanPart = readonly [count: number, unit: string]

/** Returns a span as counts of units, the largest two or three: `[[1, "d"], [13, "h"], [48, "min"]]`. */
export function spanParts(spanMs: number): readonly SpanPart[] {
    const { days, hours, minutes } = unitsIn(spanMs)
    const inDays: SpanPart = [days, t("d")]
    const inHours: SpanPart = [hours, t("h")]
    const inMinutes: SpanPart = [minutes, t("min")]
    if (days > 9) return [inDays, inHours]
    return days > 0 ? [inDays, inHours, inMinutes] : hours > 0 ? [inHours, inMinutes] : [inMinutes]
}

/** Formats a span in its largest unit or two without spaces, like "1d 13h", for narrow places. */
export function brief(spanMs: number): string {
    const { days, hours, minutes } = unitsIn(spanMs)
    if (spanMs < 0) return t("due")
    if (days > 2) return t("{days}d", { days })
    if (days > 0) return t("{days}d {hours}h", { days, hours })
    return hours > 0 ? t("{hours}h {minutes}m", { hours, minutes }) : t("{minutes}m", { minutes })
}

export function Distance({ at, now }: { at: string; now: string }) {
    return <span className="muted nowrap">{distance(parseInstant(at), parseInstant(now))}</span>
}
