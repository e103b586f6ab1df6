/**
 * Recalls: the operator calls back an artifact, or one version of it. From that instant on nobody reads it, until two
 * people end the recall. Copies that are held already stay where they are: their holders are asked to delete them.
 */
import { refuse } from "@tocsin/base/refusal"

/** What is recalled of one artifact at an instant: numbers of versions, or `every` one. */
export type Recalled = readonly (number | "every")[]

export function isRecalled(recalled: Recalled, version: number): boolean {
    return recalled.some((item) => item === "every" || item === version)
}

export const recallReasonMax = 2000

export function validateReason(reason: string): void {
    if (!(reason.trim() !== "" && reason.length <= recallReasonMax)) {
        refuse("invalid", "recall.bad_reason", `say why, in \`${recallReasonMax}\` characters at most`)
    }
}
