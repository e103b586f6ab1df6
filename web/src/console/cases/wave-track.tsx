/** The waves of a case in order, not to scale: released, coming, now, and exploitation. A list in narrow windows. */
import { useLayoutEffect, useRef, useState } from "react"
import { type Instant, parseInstant } from "@tocsin/base/instant"
import { Icon, type IconName } from "../../kit/layout/icon.tsx"
import { useNow } from "../artifacts/viewer.tsx"
import type { Case, Wave } from "../answers.ts"
import { type Stop, type StopState, stopsOf, xOf } from "./track-stops.ts"
import { locale, t } from "../../messages/message.ts"

export function WaveTrack({ subject, waves, exploited }: TrackProps) {
    const now = parseInstant(useNow())
    const stops = stopsOf({ openedAt: parseInstant(subject.createdAt), waves, exploited })
    if (waves.length === 0) return null
    return (
        <>
            <Drawing stops={stops} now={now} />
            <ol className="track-list" aria-label={t("The case in time")}>
                {stops.map(({ name, at, state, note }) => (
                    <li key={`${name} ${at}`} className={tones[state]}>
                        <Icon name={icons[state]} />
                        <b>{name}</b>
                        <span>
                            {dayAndTime(at)}
                            {note !== "" && `, ${note}`}
                        </span>
                    </li>
                ))}
            </ol>
        </>
    )
}

interface DrawingProps {
    stops: readonly Stop[]
    now: Instant
}

/** As wide as its place, so that its texts keep their size. */
function Drawing({ stops, now }: DrawingProps) {
    const drawing = useRef<SVGSVGElement>(null)
    const [width, setWidth] = useState(1130)
    useLayoutEffect(() => {
        const observer = new ResizeObserver(([entry]) => {
            const room = Math.round(entry?.contentRect.width ?? 0)
            if (room > 0) setWidth(room)
        })
        if (drawing.current !== null) observer.observe(drawing.current)
        return () => observer.disconnect()
    }, [])
    const words = stops.map(({ name, at, note }) => `${name}, ${dayAndTime(at)}${note === "" ? "" : `, ${note}`}`)
    return (
        <svg
            ref={drawing}
            className="track"
            viewBox={`0 0 ${width} 84`}
            role="img"
            aria-label={t("Waves in time. {stops}.", { stops: words.join("; ") })}
        >
            <line className="rail-line" x1="8" x2={width - 8} y1="16" y2="16" />
            <line className="done-line" x1="8" x2={xOf(stops, now, width)} y1="16" y2="16" />
            {stops.map((stop, n) => (
                <StopMark key={`${stop.name} ${stop.at}`} stop={stop} n={n} x={xOf(stops, stop.at, width)} />
            ))}
            <NowMark x={xOf(stops, now, width)} />
        </svg>
    )
}

interface TrackProps {
    subject: Case
    waves: readonly Wave[]
    /** The instants of exploitation. */
    exploited: readonly string[]
}

const tones: Readonly<Record<StopState, string>> = {
    done: "good",
    ahead: "",
    due: "warn",
    wrong: "bad",
    exploited: "bad",
}

const icons: Readonly<Record<StopState, IconName>> = {
    done: "check",
    ahead: "clock",
    due: "sign",
    wrong: "alarm",
    exploited: "alarm",
}

function StopMark({ stop: { name, at, state, note }, n, x }: { stop: Stop; n: number; x: number }) {
    const anchor = n === 0 ? "start" : "middle"
    const textX = n === 0 ? 0 : x
    return (
        <g>
            <Sign state={state} x={x} />
            <text className={state === "exploited" ? "name bad" : "name"} x={textX} y="44" textAnchor={anchor}>
                {name}
            </text>
            <text x={textX} y="61" textAnchor={anchor}>
                {dayAndTime(at)}
            </text>
            {note !== "" && (
                <text className={tones[state]} x={textX} y="78" textAnchor={anchor}>
                    {note}
                </text>
            )}
        </g>
    )
}

function Sign({ state, x }: { state: StopState; x: number }) {
    if (state === "exploited") return <path className="hit" d={`M${x - 7} 16l7-7 7 7-7 7z`} />
    if (state === "done") {
        return (
            <>
                <circle className="done" cx={x} cy="16" r="8" />
                <path className="tick" d={`m${x - 3.4} 16 2.5 2.6 4.4-4.8`} />
            </>
        )
    }
    return <circle className={`open ${tones[state]}`} cx={x} cy="16" r="8" />
}

function NowMark({ x }: { x: number }) {
    return <line className="now-line" x1={x} x2={x} y1="2" y2="30" />
}

const format = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "UTC",
})

const dayAndTime = (at: Instant): string => format.format(at).replace(",", "")
