/** Reads the waves of the coming days. */
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { type AnswerTo, useRead } from "../api.ts"
import { useNow } from "../artifacts/viewer.tsx"

export type ComingWave = AnswerTo<"/api/waves">["waves"][number]

/** The address has whole days, so that it does not change with the clock. */
export function useComingWaves(days: number) {
    const before = formatInstant((Math.floor(parseInstant(useNow()) / dayMs) + days) * dayMs)
    return useRead(`/api/waves?before=${before}`)
}

/** Returns the waves that have recipients, each instant read once. */
export function earliestFirst(waves: readonly ComingWave[]): readonly ComingWave[] {
    return waves
        .filter(({ state }) => state !== "no_recipients")
        .map((wave) => ({ wave, at: parseInstant(wave.at) }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ wave }) => wave)
}
