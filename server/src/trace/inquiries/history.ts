/**
 * The history of an inquiry: open until its members close it with an outcome, and open again after reopening. Its last
 * entry decides the status.
 */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

/**
 * `explained`: the findings explain it. `undecided`: the evidence does not decide. `unfounded`: there was nothing to
 * explain.
 */
export const outcomes = ["explained", "undecided", "unfounded"] as const

/** The outcome of an inquiry. */
export type Outcome = (typeof outcomes)[number]

/** An entry in the history of an inquiry. */
export interface HistoryEntry {
    readonly kind: "closed" | "reopened"
    /** Set when the inquiry is closed. */
    readonly outcome: Outcome | null
    readonly reason: string
    readonly salt: string
    readonly by: string
    readonly at: Instant
}

/** A person with a stake, excluded permanently. */
export interface Exclusion {
    readonly person: string
    readonly wasMember: boolean
    readonly reason: string
    readonly salt: string
    readonly by: string
    readonly at: Instant
}

/** The status of an inquiry. */
export type InquiryStatus = "open" | "closed"

/** Returns the status after the last entry. */
export const statusOf = (last: HistoryEntry["kind"] | null): InquiryStatus => (last === "closed" ? "closed" : "open")

/** Checks the status of an inquiry. Refuses `inquiry.closed` and `inquiry.still_open`. */
export function assertStatus(expected: InquiryStatus, status: InquiryStatus): void {
    if (status === expected) return
    if (expected === "open")
        refuse("conflict", "inquiry.closed", "this inquiry is closed: reopen it first, with a reason")
    refuse("conflict", "inquiry.still_open", "this inquiry is open: close it first")
}

const reasonMax = 4000

/** Validates a reason. Refuses `inquiry.no_reason`. */
export function validateReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "inquiry.no_reason", `give a reason of \`${reasonMax}\` characters at most`, { max: reasonMax })
}
