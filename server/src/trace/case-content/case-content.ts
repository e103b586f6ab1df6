/** The deletion of a case's content by two people: its obstacles and its effects. */
import { refuse } from "@tocsin/base/refusal"
import { refuseHeld } from "../../share/cases/hold.ts"
import type { ArtifactVersion, Effects } from "../../trust/approvals/approval.ts"

export const obstacles = [
    "on_hold",
    "not_ended",
    "wave_open",
    "filing_open",
    "question_open",
    "recall_open",
    "approval_open",
] as const

/** Why the content of a case must stay for now. */
export type Obstacle = (typeof obstacles)[number]

/** Refuses the deletion for the first obstacle. */
export function assertDeletable([obstacle]: readonly Obstacle[]): void {
    if (obstacle === undefined) return
    if (obstacle === "on_hold") refuseHeld()
    if (obstacle === "not_ended") {
        refuse("conflict", "case.not_ended", "this case is neither published nor closed: publish or close it first")
    }
    if (obstacle === "wave_open") {
        refuse("conflict", "case.wave_open", "a wave of this case waits for its release: withdraw its approval first")
    }
    if (obstacle === "filing_open") {
        refuse(
            "conflict",
            "case.filing_open",
            "a regulatory clock of this case is open: submit its filings or close it",
        )
    }
    if (obstacle === "question_open") {
        refuse("conflict", "case.question_open", "a partner's question about this case is open: answer it first")
    }
    if (obstacle === "recall_open") {
        refuse(
            "conflict",
            "case.recall_open",
            "a partner has not confirmed a recall of this case: wait until it does, or until its time is over",
        )
    }
    refuse("conflict", "case.approval_open", "an approval about this case is open: apply or withdraw it first")
}

/** Refuses `case.still_needed`. */
export function refuseNeeded(): never {
    refuse(
        "conflict",
        "case.still_needed",
        "investigators still need this case, and the approval is void: ask them to end their work, then request again",
    )
}

/** The case and its parts that an approval can name. */
export interface CaseParts {
    readonly id: string
    readonly waves: ReadonlySet<string>
    readonly artifacts: ReadonlySet<string>
    readonly evidence: ReadonlySet<string>
}

export const deletionAction = "case.delete_content"

/** Whether an approval of these effects needs the content of the case. Deletions of it do not. */
export function needsContent(effects: Effects, parts: CaseParts): boolean {
    const { action, artifacts, detail } = effects
    if (action === deletionAction) return false
    const { case: caseId, wave } = (detail ?? {}) as { readonly case?: unknown; readonly wave?: unknown }
    if (caseId === parts.id || (typeof wave === "string" && parts.waves.has(wave))) return true
    if (parts.evidence.has(attributedEvidenceOf(effects) ?? "")) return true
    return artifacts.some(({ artifact }) => parts.artifacts.has(artifact))
}

/** The evidence that an approved attribution reads, with the marks of its case; null for other actions. */
export function attributedEvidenceOf({ action, detail }: Effects): string | null {
    const { evidence } = (detail ?? {}) as { readonly evidence?: unknown }
    return action === "evidence.attribute" && typeof evidence === "string" ? evidence : null
}

/** The content that a deletion destroys, and the partners that lose access by it. */
export interface Losses {
    readonly partners: readonly string[]
    readonly artifacts: readonly ArtifactVersion[]
    readonly sightings: number
    readonly questions: number
}

/** The effects that two people sign. More content than they signed needs another signature. */
export function deletionEffects(caseId: string, { partners, artifacts, sightings, questions }: Losses): Effects {
    const detail = { case: caseId, sightings, questions }
    return { action: deletionAction, recipients: partners, artifacts, at: null, detail }
}
