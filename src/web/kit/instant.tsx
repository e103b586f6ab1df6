/** Instants as people read them: UTC first, because a circle spans zones; then the viewer's own zone. */
import { type Instant, dayMs, hourMs, parseInstant } from "../../lib/instant.ts"

const utc = new Intl.DateTimeFormat("en-GB", {
    ...{ day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
    timeZone: "UTC",
})
const here = new Intl.DateTimeFormat("en-GB", {
    ...{ weekday: "short", day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" },
    timeZoneName: "short",
})
const isUtc = ["UTC", "Etc/UTC", "GMT"].includes(here.resolvedOptions().timeZone)

export function wordsOf(at: string): string {
    return `${utc.format(parseInstant(at)).replace(",", "")} UTC`
}

/** One instant. `short` leaves the viewer's zone to the hover. */
export function When({ at, short = false }: { at: string | null; short?: boolean }) {
    if (at === null) return <span className="muted">not yet</span>
    const local = here.format(parseInstant(at))
    return (
        <time dateTime={at} title={local} className="when">
            {wordsOf(at)}
            {!short && !isUtc && <span className="when-here"> {local}</span>}
        </time>
    )
}

/** "in 3 d 4 h", "2 h ago": by the program's clock, which is `now`. */
export function distance(at: Instant, now: Instant): string {
    const apart = Math.abs(at - now)
    if (apart < 60_000) return "now"
    const days = Math.floor(apart / dayMs)
    const hours = Math.floor((apart % dayMs) / hourMs)
    const minutes = Math.floor((apart % hourMs) / 60_000)
    const long = [days > 0 && `${days} d`, hours > 0 && `${hours} h`, days === 0 && minutes > 0 && `${minutes} min`]
    const words = long.filter((part) => part !== false).slice(0, 2)
    return at > now ? `in ${words.join(" ")}` : `${words.join(" ")} ago`
}

export function Distance({ at, now }: { at: string; now: string }) {
    return <span className="muted nowrap">{distance(parseInstant(at), parseInstant(now))}</span>
}
