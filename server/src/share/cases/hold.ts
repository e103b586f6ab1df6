/** The legal hold of a case: while it is set, neither the content of the case nor its evidence can be deleted. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Effects } from "../../trust/approvals/approval.ts"

/** A current legal hold. */
export interface CaseHold {
    readonly id: string
    readonly reason: string
    readonly setBy: string
    readonly setAt: Instant
}

/** The length of the reason of a hold, of its end, and of a deletion. */
export const reasonLength = { min: 1, max: 4000 } as const

/** Validates a reason and trims it. Refuses `case.bad_reason`. */
export function validateReason(reason: string): string {
    const trimmed = reason.trim()
    if (trimmed.length >= reasonLength.min && reason.length <= reasonLength.max) return trimmed
    const { max } = reasonLength
    return refuse("invalid", "case.bad_reason", `bad reason: use \`1\` to \`${max}\` characters`, { max })
}

/** Refuses `case.on_hold`. */
export function refuseHeld(): never {
    refuse("conflict", "case.on_hold", "this case is under legal hold: lift the hold first")
}

/** The effects that two people sign to lift a hold. */
export function holdLiftEffects(caseId: string, hold: string): Effects {
    return { action: "case.lift_hold", recipients: [], artifacts: [], at: null, detail: { case: caseId, hold } }
}
