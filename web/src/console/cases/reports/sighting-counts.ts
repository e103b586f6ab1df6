/** Counts the partners of a case by what they reported about exploitation. Pure. */
import type { AnswerTo } from "../../api.ts"

export type Sighting = AnswerTo<"/api/sightings">["sightings"][number]
type FollowUp = AnswerTo<"/api/follow-ups">["followUps"][number]

const countPartners = (rows: readonly { readonly partner: string }[]): number =>
    new Set(rows.map(({ partner }) => partner)).size

interface SightingCounts {
    /** Partners that saw exploitation. */
    readonly saw: number
    /** The earliest observation; null: there is none. */
    readonly firstAt: string | null
    /** Partners with a zero report. */
    readonly foundNone: number
}

/** Counts partners by report, without withdrawn reports. */
export function sightingCounts(
    sightings: readonly Pick<Sighting, "partner" | "observedAt" | "zeroReportSince" | "withdrawnAt">[],
): SightingCounts {
    const valid = sightings.filter(({ withdrawnAt }) => withdrawnAt === null)
    const seen = valid.filter(({ zeroReportSince }) => zeroReportSince === null)
    const zero = valid.filter(({ zeroReportSince }) => zeroReportSince !== null)
    return {
        saw: countPartners(seen),
        firstAt: seen.map(({ observedAt }) => observedAt).toSorted()[0] ?? null,
        foundNone: countPartners(zero),
    }
}

/** Counts the partners whose follow-up lacks a sighting and is not waived. */
export const partnersWithoutReport = (
    followUps: readonly Pick<FollowUp, "partner" | "state" | "sightingAt">[],
): number => countPartners(followUps.filter(({ state, sightingAt }) => sightingAt === null && state !== "waived"))
