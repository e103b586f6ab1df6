/** Shows instants in UTC first, because programs span time zones, and then in the viewer's zone. */
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { locale, t } from "../messages/message.ts"

const clock = { hour: "2-digit", minute: "2-digit" } as const
const dated = { day: "numeric", month: "short", year: "numeric", ...clock } as const
const utc = new Intl.DateTimeFormat(locale, { ...dated, timeZone: "UTC" })
const ownZone = new Intl.DateTimeFormat().resolvedOptions().timeZone

export function wordsOf(at: string): string {
    return t("{at} UTC", { at: utc.format(parseInstant(at)).replace(",", "") })
}

/** The day of an instant in UTC. */
export function dayOf(at: string): string {
    return wordsOf(at).replace(/ \d\d:\d\d UTC$/, "")
}

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

/** Shows one instant. `short`: shows only the time in the viewer's zone, if the day is the same. */
export function When({ at, short = false }: { at: string | null; short?: boolean }) {
    if (at === null) return <span className="muted">{t("not yet")}</span>
    const here = hereOf(at, short)
    return (
        <time dateTime={at} className="when">
            {wordsOf(at)}
            {here !== null && <span className="when-here"> {short ? `(${here})` : here}</span>}
        </time>
    )
}

/** Formats a distance like "in 3 d 4 h" or "2 h ago" from `now`, in program time. */
export function distance(at: Instant, now: Instant): string {
    const apart = Math.abs(at - now)
    if (apart < 60_000) return "now"
    const days = Math.floor(apart / dayMs)
    const hours = Math.floor((apart % dayMs) / hourMs)
    const minutes = Math.floor((apart % hourMs) / 60_000)
    const long = [
        days > 0 && `${days} d`,
        hours > 0 && `${hours} h`,
        days === 0 && minutes > 0 && t("{minutes} min", { minutes }),
    ]
    const words = long.filter((part) => part !== false).slice(0, 2)
    return at > now ? t("in {words}", { words: words.join(" ") }) : t("{words} ago", { words: words.join(" ") })
}

/** Returns a span as counts of units, the largest two or three: `[[1, "d"], [13, "h"], [48, "min"]]`. */
export function spanParts(spanMs: number): readonly (readonly [count: number, unit: string])[] {
    const days = Math.floor(spanMs / dayMs)
    const hours = Math.floor((spanMs % dayMs) / hourMs)
    const minutes = Math.floor((spanMs % hourMs) / 60_000)
    if (days > 0)
        return days > 9
            ? [
                  [days, "d"],
                  [hours, "h"],
              ]
            : [
                  [days, "d"],
                  [hours, "h"],
                  [minutes, "min"],
              ]
    return hours > 0
        ? [
              [hours, "h"],
              [minutes, "min"],
          ]
        : [[minutes, "min"]]
}

/** Formats a span in its largest unit or two without spaces, like "1d 13h", for narrow places. */
export function brief(spanMs: number): string {
    const days = Math.floor(spanMs / dayMs)
    const hours = Math.floor((spanMs % dayMs) / hourMs)
    const minutes = Math.floor((spanMs % hourMs) / 60_000)
    if (spanMs < 0) return "due"
    if (days > 2) return `${days}d`
    if (days > 0) return `${days}d ${hours}h`
    return hours > 0 ? `${hours}h ${minutes}m` : `${minutes}m`
}

export function Distance({ at, now }: { at: string; now: string }) {
    return <span className="muted nowrap">{distance(parseInstant(at), parseInstant(now))}</span>
}
