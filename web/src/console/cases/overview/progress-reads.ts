/** Reads the progress of a case's partners. */
import { parseInstant } from "@tocsin/base/instant"
import type { Case } from "../../answers.ts"
import { useMayRead } from "../../artifacts/viewer.tsx"
import { useDeliveries } from "../../release/deliveries.tsx"
import { useMatrix, useWaves } from "../case-reads.ts"
import { useExploitation } from "../exploitation.ts"
import { type CaseFigures, type PartnerProgress, figuresOf, progressOf } from "./progress.ts"

/** Returns the progress of each warned partner; null while it loads or if the viewer may not know it. */
export function useProgress(caseId: string): readonly PartnerProgress[] | null {
    const waves = useWaves(caseId).data?.waves
    const deliveries = useDeliveries("case", caseId).data
    const protections = useMayRead("sighting:read", `/api/protection-statuses?case=${caseId}`)
    const entitlements = useMatrix(caseId)
    if (waves === undefined || deliveries === undefined || protections.isLoading || entitlements.isLoading) return null
    return progressOf({
        waves,
        entitlements: entitlements.data?.entitlements ?? [],
        fetched: deliveries.fetched,
        acknowledged: deliveries.acknowledged,
        protections: protections.data?.protections ?? [],
    })
}

export function useFigures(subject: Case): CaseFigures | null {
    const progress = useProgress(subject.id)
    const exploitation = useExploitation(subject.id)
    if (progress === null) return null
    return figuresOf({
        progress,
        exploitedAt: exploitation === null ? null : parseInstant(exploitation.at),
        publicationAt: subject.publication === null ? null : parseInstant(subject.publication),
    })
}
