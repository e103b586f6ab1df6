/** The stops of a case's wave track: what happened and what is planned, in order. Positions are not to scale. Pure. */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { WaveTier } from "../../../../server/src/share/waves/wave.ts"
import { tierNames, waveWords } from "../words.ts"
import type { WaveState } from "../answers.ts"
import { t } from "../../messages/message.ts"

/** `wrong`: stopped, and somebody must act. `due`: a signature is missing. */
export type StopState = "done" | "ahead" | "due" | "wrong" | "exploited"

export interface Stop {
    readonly at: Instant
    readonly name: string
    readonly state: StopState
    readonly note: string
}

interface TrackWave {
    readonly tier: WaveTier
    readonly at: string | null
    readonly releasedAt: string | null
    readonly state: WaveState
    readonly recipients: number
    readonly notified: number
}

export interface Track {
    readonly openedAt: Instant
    readonly waves: readonly TrackWave[]
    readonly exploited: readonly string[]
}

const stateOf = ({ state, releasedAt }: TrackWave): StopState => {
    if (state === "frozen" || state === "due" || state === "approval_voided") return "wrong"
    if (releasedAt !== null) return "done"
    return state === "requested" || state === "planned" ? "due" : "ahead"
}

const noteOf = ({ state, releasedAt, recipients, notified }: TrackWave): string =>
    releasedAt === null || state === "frozen" || recipients === 0
        ? waveWords[state].name
        : t("{notified} of {recipients} notified", { notified, recipients })

/** Returns the stops in order. A wave without an instant has none. */
export function stopsOf({ openedAt, waves, exploited }: Track): readonly Stop[] {
    const planned = waves.flatMap((wave): Stop[] => {
        const at = wave.releasedAt ?? wave.at
        if (at === null) return []
        return [{ at: parseInstant(at), name: tierNames[wave.tier], state: stateOf(wave), note: noteOf(wave) }]
    })
    const seen = exploited.map((at): Stop => ({
        at: parseInstant(at),
        name: t("Exploited"),
        state: "exploited",
        note: "",
    }))
    const opened: Stop = { at: openedAt, name: t("Opened"), state: "done", note: "" }
    return [opened, ...[...planned, ...seen].toSorted((a, b) => a.at - b.at)]
}

const margin = 8

/** Places an instant: the stops are evenly spaced, and an instant between two stops lies between them. */
export function xOf(stops: readonly Stop[], at: Instant, width: number): number {
    const step = (width - 2 * margin) / stops.length
    const places = stops.map((stop, n) => ({ at: stop.at, x: margin + n * step }))
    const before = places.findLast((place) => place.at <= at)
    const after = places.find((place) => place.at > at)
    if (before === undefined) return margin
    if (after === undefined) return before.at === at ? before.x : Math.min(width - margin, before.x + step / 2)
    return before.x + ((at - before.at) / (after.at - before.at)) * (after.x - before.x)
}
