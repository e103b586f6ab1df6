/** What each warned partner of a case has done: notified, fetched, acknowledged, protected. Pure. */
import { type Instant, parseInstant } from "@tocsin/base/instant"
import type { ProtectionState } from "@tocsin/client/limits"
import { type WaveTier, waveTiers } from "../../../../../server/src/share/waves/wave.ts"
import type { Entitlement, Wave } from "../../answers.ts"

interface Receipt {
    readonly partner: string
    readonly at: string
}

interface ReportedProtection {
    readonly partner: string
    readonly state: ProtectionState
    readonly since: string | null
    readonly reportedAt: string
}

export interface CaseRecords {
    readonly waves: readonly Pick<Wave, "tier" | "releasedAt" | "unnotified">[]
    readonly entitlements: readonly Pick<Entitlement, "partner" | "decision">[]
    readonly fetched: readonly Receipt[]
    readonly acknowledged: readonly Receipt[]
    /** Newest first. */
    readonly protections: readonly ReportedProtection[]
}

export interface PartnerProgress {
    readonly partner: string
    readonly tier: WaveTier
    readonly warnedAt: Instant
    readonly isNotified: boolean
    readonly fetchedAt: Instant | null
    readonly acknowledgedAt: Instant | null
    readonly protection: ProtectionState | null
    readonly protectedAt: Instant | null
}

/** Returns the partners that released waves have warned, in the order of the waves. */
export function progressOf(records: CaseRecords): readonly PartnerProgress[] {
    const released = records.waves.flatMap(({ tier, releasedAt, unnotified }) =>
        releasedAt === null ? [] : [{ tier, at: parseInstant(releasedAt), unnotified }],
    )
    const warned = tierByPartner(records, released)
    return [...warned]
        .flatMap(([partner, tier]): PartnerProgress[] => {
            const wave = released.find((item) => item.tier === tier)
            if (wave === undefined) return []
            const protection = records.protections.find((report) => report.partner === partner)
            return [
                {
                    partner,
                    tier,
                    warnedAt: wave.at,
                    isNotified: wave.unnotified.every((item) => item.partner !== partner),
                    fetchedAt: firstOf(records.fetched, partner),
                    acknowledgedAt: firstOf(records.acknowledged, partner),
                    protection: protection?.state ?? null,
                    protectedAt:
                        protection?.state === "protected"
                            ? parseInstant(protection.since ?? protection.reportedAt)
                            : null,
                },
            ]
        })
        .toSorted((a, b) => waveTiers.indexOf(a.tier) - waveTiers.indexOf(b.tier))
}

interface Released {
    readonly tier: WaveTier
    readonly at: Instant
}

/** A partner belongs to the first released wave that gave it something. Without access today: by its first fetch. */
function tierByPartner(records: CaseRecords, released: readonly Released[]): Map<string, WaveTier> {
    const tiers = new Map<string, WaveTier>()
    for (const { tier } of released) {
        for (const { partner, decision } of records.entitlements) {
            if (decision.from !== null && decision.waves.includes(tier) && !tiers.has(partner)) tiers.set(partner, tier)
        }
    }
    for (const { partner } of records.fetched) {
        const at = firstOf(records.fetched, partner)
        const wave = released.findLast((item) => at !== null && item.at <= at)
        if (!tiers.has(partner) && wave !== undefined) tiers.set(partner, wave.tier)
    }
    return tiers
}

function firstOf(receipts: readonly Receipt[], partner: string): Instant | null {
    const instants = receipts.filter((receipt) => receipt.partner === partner).map(({ at }) => parseInstant(at))
    return instants.length === 0 ? null : (Math.min(...instants) as Instant)
}

export interface CaseFigures {
    readonly headStartMs: number | null
    readonly isExploited: boolean
    readonly warned: number
    readonly fetched: number
    readonly protected: number
    readonly medianMs: number | null
}

interface FigureInput {
    readonly progress: readonly PartnerProgress[]
    readonly exploitedAt: Instant | null
    readonly publicationAt: Instant | null
}

/** Returns the figures. The head start counts from the first wave to exploitation, or else to publication. */
export function figuresOf({ progress, exploitedAt, publicationAt }: FigureInput): CaseFigures {
    const first = progress.length === 0 ? null : Math.min(...progress.map(({ warnedAt }) => warnedAt))
    const end = exploitedAt ?? publicationAt
    const isInTime = ({ protectedAt }: PartnerProgress) =>
        protectedAt !== null && (exploitedAt === null || protectedAt <= exploitedAt)
    const took = progress.flatMap(({ protectedAt, warnedAt }) => (protectedAt === null ? [] : [protectedAt - warnedAt]))
    return {
        headStartMs: first === null || end === null ? null : Math.max(0, end - first),
        isExploited: exploitedAt !== null,
        warned: progress.length,
        fetched: progress.filter(({ fetchedAt }) => fetchedAt !== null).length,
        protected: progress.filter(isInTime).length,
        medianMs: median(took),
    }
}

export function median(values: readonly number[]): number | null {
    const sorted = values.toSorted((a, b) => a - b)
    const middle = Math.floor(sorted.length / 2)
    const [low, high] = [sorted[middle - 1], sorted[middle]]
    if (high === undefined) return null
    return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2
}

export interface Step {
    readonly at: Instant
    readonly count: number
}

/** Returns how a count grows: one step an instant, in order. */
export function stepsOf(instants: readonly (Instant | null)[]): readonly Step[] {
    const sorted = instants.filter((at) => at !== null).toSorted((a, b) => a - b)
    return sorted.flatMap((at, n) => (sorted[n + 1] === at ? [] : [{ at, count: n + 1 }]))
}
