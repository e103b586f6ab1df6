/** What may be asked of planning, and said of a choice. */
import { refuse } from "@tocsin/base/refusal"

export const togetherMax = 8
const reasonMax = 4000

export function assertCombined(together: number): void {
    if (Number.isInteger(together) && together >= 1 && together <= togetherMax) return
    refuse("invalid", "planning.bad_colluders", `1 to ${togetherMax} can be told when they put their copies together`)
}

export function validateReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "planning.no_reason", `say why, in \`${reasonMax}\` characters at most`)
}
