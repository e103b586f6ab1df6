/** Reads of one wave's requests, effects and readiness. */
import type { Approval, Wave } from "../../answers.ts"
import { useMayRead } from "../../artifacts/viewer.tsx"
import { useMatrix } from "../../cases/case-reads.ts"
import { usePublication } from "../../cases/publication.tsx"
import { useApprovals } from "../approval-reads.ts"
import { detailOf } from "../effect-parts.tsx"
import { type Check, readinessOf } from "./readiness.ts"

export interface WaveRequests {
    /** The open request or the valid signature. */
    readonly current: Approval | null
    readonly earlier: Approval | null
}

/** Returns the requests of a wave among all approvals that the viewer may see. */
export function requestsOf(wave: string, approvals: readonly Approval[]): WaveRequests {
    const unique = new Map(approvals.map((approval) => [approval.id, approval]))
    const own = [...unique.values()]
        .filter((approval) => approval.action === "wave.release" && detailOf(approval).wave === wave)
        .toSorted((a, b) => b.requestedAt.localeCompare(a.requestedAt))
    const current = own.find(({ state }) => state === "requested" || state === "signed") ?? null
    return { current, earlier: own.find((approval) => approval !== current) ?? null }
}

export function useWaveRequests(wave: string): WaveRequests {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    return requestsOf(wave, [...pending, ...recent])
}

export const useWaveEffects = (wave: Wave | null) =>
    useMayRead(
        "wave:read",
        wave === null || wave.releasedAt !== null ? null : (`/api/waves/${wave.id}/effects` as const),
    )

/** Returns what is ready for a wave; null while it loads. */
export function useReadiness(caseId: string, wave: Wave | null): readonly Check[] | null {
    const effects = useWaveEffects(wave).data
    const matrix = useMatrix(caseId).data
    const clock = useMayRead("clock:read", "/api/clock").data
    const publication = usePublication(caseId)
    if (wave === null || effects === undefined || publication === undefined) return null
    return readinessOf({
        state: wave.state,
        effects,
        policy: matrix?.policy ?? null,
        clocks: clock?.state ?? "unread",
        faults: wave.tier === "publication" ? publication.faults : [],
        isExploited: matrix?.exploited === true && wave.releasedAt === null,
    })
}
