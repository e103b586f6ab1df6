/** Reads what happened in a case, and who works on it. */
import { type WaveTier, waveTiers } from "../../../../../server/src/share/waves/wave.ts"
import type { Approval, Case } from "../../answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { useApprovals } from "../../release/approval-reads.ts"
import { detailOf } from "../../release/effect-parts.tsx"
import { useCaseArtifacts, useWaves } from "../case-reads.ts"
import { useExploitation } from "../exploitation.ts"
import { type ActivityItem, activityOf } from "./activity.ts"

/** Returns the requests to release waves of this case, each once. */
function useRequests(caseId: string): readonly Approval[] {
    const waves = new Set(useWaves(caseId).data?.waves.map(({ id }) => id))
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const unique = new Map([...pending, ...recent].map((approval) => [approval.id, approval]))
    return [...unique.values()].filter(
        (approval) => approval.action === "wave.release" && waves.has(String(detailOf(approval).wave)),
    )
}

const isTier = (tier: unknown): tier is WaveTier => waveTiers.some((item) => item === tier)

export function useActivity(subject: Case): readonly ActivityItem[] {
    const names = useNames()
    const exploitation = useExploitation(subject.id)
    const requests = useRequests(subject.id).flatMap(
        ({ id, requestedBy, requestedAt, signedBy, signedAt, ...rest }) => {
            const { tier } = detailOf({ id, requestedBy, requestedAt, signedBy, signedAt, ...rest })
            if (!isTier(tier)) return []
            return [
                { id, tier, requestedBy: requestedBy.name, requestedAt, signedBy: signedBy?.name ?? null, signedAt },
            ]
        },
    )
    return activityOf({
        subject,
        waves: useWaves(subject.id).data?.waves ?? [],
        artifacts: useCaseArtifacts(subject.id).data?.artifacts ?? [],
        requests,
        exploited: exploitation && {
            at: exploitation.at,
            partner: exploitation.partner === null ? null : names.partner(exploitation.partner),
        },
    })
}

/** Returns the people who wrote, requested or signed content of this case. */
export function useTeam(caseId: string): readonly string[] {
    const names = useNames()
    const people = useRequests(caseId).flatMap(({ effects, requestedBy, signedBy }) => [
        ...(effects.authors ?? []).map(names.person),
        requestedBy.name,
        ...(signedBy === null ? [] : [signedBy.name]),
    ])
    return [...new Set(people)]
}
