/** Chooses the instant that the matrix shows: a past or planned one, or now. Stops are in order, not to scale. */
import { useLayoutEffect, useRef } from "react"
import { formatInstant } from "@tocsin/base/instant"
import { wordsOf } from "../../../kit/instant.tsx"
import type { TimeStop } from "./time-stops.ts"
import { t } from "../../../messages/message.ts"

interface TimeSliderProps {
    stops: readonly TimeStop[]
    chosen: string | null
    onChange: (at: string | null) => void
}

export function TimeSlider({ stops, chosen, onChange }: TimeSliderProps) {
    const track = useRef<HTMLDivElement>(null)
    useLayoutEffect(() => track.current?.style.setProperty("--stops", String(stops.length)), [stops.length])
    const at = stops.findIndex((stop) => stop.at === chosen)
    const stop = stops[at]
    return (
        <div ref={track} className="time-slider">
            <input
                type="range"
                aria-label={t("Instant of the matrix")}
                aria-valuetext={stop === undefined ? "" : `${stop.name}, ${wordsOf(formatInstant(stop.instant))}`}
                min={0}
                max={stops.length - 1}
                value={at}
                onChange={({ target }) => onChange(stops[Number(target.value)]?.at ?? null)}
            />
            <ol>
                {stops.map(({ at: key, name, instant }) => (
                    <li key={key ?? "now"} className={key === chosen ? "on" : ""}>
                        <b>{name}</b>
                        <span>{shortOf(formatInstant(instant))}</span>
                    </li>
                ))}
            </ol>
        </div>
    )
}

const shortOf = (at: string): string =>
    wordsOf(at)
        .replace(/ \d{4} /, " ")
        .replace(" UTC", "")
