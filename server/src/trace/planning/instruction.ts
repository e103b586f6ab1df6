/** Validates the requests of planning. */
import { refuse } from "@tocsin/base/refusal"

export const colludersMax = 8
const reasonMax = 4000

/** Validates a number of colluders. Refuses `planning.bad_colluders`. */
export function validateColluders(colluders: number): void {
    if (Number.isInteger(colluders) && colluders >= 1 && colluders <= colludersMax) return
    refuse("invalid", "planning.bad_colluders", `the number of colluders must be 1 to ${colludersMax}`, {
        max: colludersMax,
    })
}

/** Validates a reason. Refuses `planning.no_reason`. */
export function validateReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "planning.no_reason", `give a reason of ${reasonMax} characters at most`, { max: reasonMax })
}
