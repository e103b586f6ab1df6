/** Reads of a correction: the open requests of a case, and what they change. */
import { useRead } from "../../api.ts"
import type { Approval, Case } from "../../answers.ts"
import { useArtifacts, useCases } from "../../artifacts/viewer.tsx"
import { useApprovals } from "../approval-reads.ts"
import { type CorrectionPart, correctionsOf, partOf } from "./correction-state.ts"

/** The requests that correct the advisory of a case: open ones, and the newest that ended. */
export function useCorrections(caseId: string): {
    readonly open: readonly CorrectionPart[]
    readonly last: Approval | null
} {
    const artifacts = useArtifacts()
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    return correctionsOf(caseId, [...pending, ...recent], artifacts)
}

/** Returns the case whose published advisory this request corrects; null: it is no correction. */
export function useCorrectedCase(approval: Approval): string | null {
    const part = partOf(approval, useArtifacts())
    const subject = useCases().data?.cases.find(({ id }) => id === part?.case)
    const isEnded = subject !== undefined && (subject as Pick<Case, "phase">).phase === "ended"
    const publication = useRead(part !== null && isEnded ? `/api/cases/${part.case}/publication` : null).data
    return part !== null && isEnded && (publication?.advisory ?? null) !== null ? part.case : null
}
