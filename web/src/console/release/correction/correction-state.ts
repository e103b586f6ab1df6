/** Which requests correct an advisory, and at which step the correction is. Pure. */
import type { Approval } from "../../answers.ts"

/** One request of a correction: a new version of a public text, or new facts. */
export interface CorrectionPart {
    readonly case: string
    /** Null: the facts of the case. */
    readonly artifact: string | null
    readonly approval: Approval
}

interface KnownArtifact {
    readonly id: string
    readonly case: string
    readonly class: string
}

/** Returns what a request corrects, if its case is published; null: something else. */
export function partOf(approval: Approval, artifacts: readonly KnownArtifact[]): CorrectionPart | null {
    const { detail } = approval.effects
    const caseId = typeof detail === "object" && detail !== null && "case" in detail ? String(detail.case) : null
    if (caseId === null) return null
    if (approval.action === "case.amend") return { case: caseId, artifact: null, approval }
    if (approval.action !== "wave.late_release") return null
    const artifact = artifacts.find(({ id }) => id === approval.effects.artifacts[0]?.artifact)
    const isText = artifact?.class === "summary" || artifact?.class === "guidance"
    return isText ? { case: caseId, artifact: artifact.id, approval } : null
}

const openStates: ReadonlySet<Approval["state"]> = new Set(["requested", "signed"])

/** Sorts the requests of a case: open ones, texts first, and the newest applied one. */
export function correctionsOf(caseId: string, approvals: readonly Approval[], artifacts: readonly KnownArtifact[]) {
    const unique = new Map(approvals.map((approval) => [approval.id, approval]))
    const parts = [...unique.values()].flatMap((approval) => partOf(approval, artifacts) ?? [])
    const own = parts
        .filter((part) => part.case === caseId)
        .toSorted((a, b) => b.approval.requestedAt.localeCompare(a.approval.requestedAt))
    const open = own.filter(({ approval }) => openStates.has(approval.state))
    // New facts void older requests of the case, so they are applied last.
    const inOrder = open.toSorted((a, b) => Number(a.artifact === null) - Number(b.artifact === null))
    const applied = own.filter(({ approval }) => approval.state === "applied")
    const last = applied.toSorted((a, b) => (b.approval.appliedAt ?? "").localeCompare(a.approval.appliedAt ?? ""))[0]
    return { open: inOrder, last: last?.approval ?? null }
}

export const steps = ["edit", "difference", "sign", "published"] as const
export type Step = (typeof steps)[number]
