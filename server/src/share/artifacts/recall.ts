/**
 * Recalls: the operator recalls an artifact or one version.
 *
 * From then on no partner can read it, until two people lift the recall. Holders must delete their copies.
 */
import { refuse } from "@tocsin/base/refusal"

/** The recalled versions of one artifact at an instant: version numbers, or `every`. */
export type RecalledVersions = readonly (number | "every")[]

/** Whether this version is recalled. */
export function isRecalled(recalled: RecalledVersions, version: number): boolean {
    return recalled.some((item) => item === "every" || item === version)
}

export const recallReasonMax = 2000

/** Refuses `recall.bad_reason`. */
export function validateReason(reason: string): void {
    if (!(reason.trim() !== "" && reason.length <= recallReasonMax)) {
        refuse("invalid", "recall.bad_reason", `bad reason: use \`1\` to \`${recallReasonMax}\` characters`, {
            max: recallReasonMax,
        })
    }
}
