/** The instants that the time slider stops at: each wave, now, and the instant of the address. Pure. */
import { type Instant, formatInstant, parseInstant } from "@tocsin/base/instant"
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import { tierNames } from "../../words.ts"
import { t } from "../../../messages/message.ts"

export interface TimeStop {
    /** Null: now. */
    readonly at: string | null
    readonly name: string
    readonly instant: Instant
}

interface TimeWave {
    readonly tier: WaveTier
    readonly at: string | null
}

export function timeStops(waves: readonly TimeWave[], now: string, chosen: string | null): readonly TimeStop[] {
    const stop = (at: string, name: string): TimeStop => {
        const instant = parseInstant(at)
        return { at: formatInstant(instant), name, instant }
    }
    const planned = waves.flatMap(({ tier, at }) => (at === null ? [] : [stop(at, tierNames[tier])]))
    const isListed = chosen === null || planned.some(({ at }) => at === chosen)
    const stops = [...planned, { at: null, name: t("Now"), instant: parseInstant(now) }]
    if (!isListed) stops.push(stop(chosen, t("Chosen")))
    return stops.toSorted((a, b) => a.instant - b.instant)
}

/** The stop before (-1) or after (1) the chosen one; null: it is the last. */
export function nextStop(stops: readonly TimeStop[], chosen: string | null, step: -1 | 1): TimeStop | null {
    return stops[stops.findIndex(({ at }) => at === chosen) + step] ?? null
}
