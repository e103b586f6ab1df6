/** A provision: an option that a member of an inquiry chose for the next release of a class, and that another signed. */
import type { Colluders } from "../../lib/code.ts"
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import type { ArtifactClass } from "../../share/artifacts/artifact.ts"
import type { ApprovalState } from "../../trust/approvals/approval.ts"

export interface Chosen {
    readonly case: string
    readonly class: ArtifactClass
    /** The words are drawn for so many who put their copies together. */
    readonly colluders: Colluders
    readonly reason: string
    /** How many that was thought to be when it was chosen, and how many bits more the release was expected to tell. */
    readonly together: number
    readonly gain: number
}

export interface Provision extends Chosen {
    readonly id: string
    readonly approval: string
    readonly state: ApprovalState
    readonly askedBy: string
    readonly askedAt: Instant
    /** Null until the signature was used for it. */
    readonly inForceAt: Instant | null
}

export const togetherMax = 8
const reasonMax = 4000

export function mustBeTogether(together: number): void {
    if (Number.isInteger(together) && together >= 1 && together <= togetherMax) return
    refuse("invalid", "planning.bad_together", `1 to ${togetherMax} can be told when they put their copies together`)
}

export function mustBeReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "planning.no_reason", `say why, in \`${reasonMax}\` characters at most`)
}
