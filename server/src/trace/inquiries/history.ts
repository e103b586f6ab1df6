/**
 * How an inquiry goes: open until its members close it with an outcome, and open again when they say why. Where it
 * stands is its last turn.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/** `explained`: the findings say how. `undecided`: what there is does not tell. `unfounded`: there was nothing to explain. */
export const outcomes = ["explained", "undecided", "unfounded"] as const
export type Outcome = (typeof outcomes)[number]

export interface Turn {
    readonly kind: "closed" | "reopened"
    /** Of a closing. */
    readonly outcome: Outcome | null
    readonly reason: string
    readonly salt: string
    readonly by: string
    readonly at: Instant
}

/** Somebody who has a stake in it, and is never let in, or never again. */
export interface KeptOut {
    readonly person: string
    readonly wasMember: boolean
    readonly reason: string
    readonly salt: string
    readonly by: string
    readonly at: Instant
}

export type Course = "open" | "closed"

export const courseOf = (last: Turn["kind"] | null): Course => (last === "closed" ? "closed" : "open")

export function assertCourse(wanted: Course, course: Course): void {
    if (course === wanted) return
    if (wanted === "open") refuse("conflict", "inquiry.closed", "this inquiry is closed: reopen it first, and say why")
    refuse("conflict", "inquiry.still_open", "this inquiry is open")
}

const reasonMax = 4000

export function validateReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "inquiry.no_reason", `give a reason, in \`${reasonMax}\` characters at most`)
}
