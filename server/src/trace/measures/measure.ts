/**
 * Measures are decisions about a partner, or about all partners under a reporting duty. One person restricts access at
 * once; two people restore it.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import type { Restriction } from "../../trust/partners/facts.ts"

export const measureKinds = [
    "restrict_by_reporting_duty",
    "restrict",
    "interim_suspension",
    "reinstatement",
    "lift",
    "reprimand",
    "suspension",
    "termination",
] as const
/**
 * `restrict_by_reporting_duty` is a policy version for all partners under the duty. `restrict` concerns one partner.
 * Neither finds fault. `lift` and `reinstatement` end a restriction and a suspension. The last three are sanctions,
 * each from a procedure.
 */
export type MeasureKind = (typeof measureKinds)[number]

/** Kinds that withhold everything about cases while open. One partner can have several. */
export const suspendingKinds = ["interim_suspension", "suspension", "termination"] as const

/** Tells whether a measure of this kind suspends. */
export function isSuspending(kind: MeasureKind): boolean {
    return suspendingKinds.some((item) => item === kind)
}

/** Returns the status under the strictest open measure. */
export function statusUnder(open: readonly MeasureKind[]): "active" | "suspended" | "terminated" {
    if (open.includes("termination")) return "terminated"
    return open.some(isSuspending) ? "suspended" : "active"
}

/** The kind of measure that a reinstatement ends: an interim suspension, or sanctions of procedures. */
export const reinstatableKinds = ["interim_suspension", "suspension"] as const

/** A kind of measure that restores access. */
export type ReinstatableKind = (typeof reinstatableKinds)[number]

/** A measure against a partner, or one by reporting duty. */
export interface Measure {
    readonly id: string
    readonly kind: MeasureKind
    /** Null for a measure by reporting duty. */
    readonly partner: string | null
    /** The policy version of a measure by reporting duty. */
    readonly policy: number | null
    /** The procedure of a sanction, or the one whose decision an interim suspension waits for. */
    readonly procedure: string | null
    readonly restriction: Restriction | null
    readonly reason: string
    readonly takenBy: string
    readonly takenAt: Instant
    /** Review date of an interim suspension. It stays until two people decide. */
    readonly reviewBy: Instant | null
    readonly approval: string | null
    readonly endedAt: Instant | null
}

/** First review of an interim suspension, at the latest. */
export const reviewWithinMs = 14 * dayMs

/** Review after an extension, at the latest. */
const extensionMaxMs = 92 * dayMs

/** Validates a review date. Refuses `measure.bad_review_date`. */
export function validateReviewDate(at: Instant, now: Instant): void {
    if (at > now && at <= now + extensionMaxMs) return
    refuse("invalid", "measure.bad_review_date", "the review date must be in the future and within `92` days")
}

const reasonMax = 4000

/** Validates a reason. Refuses `measure.bad_reason`. */
export function validateReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "measure.bad_reason", `give a reason of 1 to \`${reasonMax}\` characters`, { max: reasonMax })
}

/** Validates a restriction. Refuses `measure.bad_class` and `measure.restricts_nothing`. */
export function validateRestriction({ withhold, notBeforePublication, cases }: Restriction): void {
    const known: readonly string[] = artifactClasses
    const unknown = withhold.find((item) => !known.includes(item))
    if (unknown !== undefined)
        refuse("invalid", "measure.bad_class", `\`${unknown.slice(0, 40)}\` is not a class`, {
            unknown: unknown.slice(0, 40),
        })
    if ((withhold.length === 0 && !notBeforePublication) || cases?.length === 0) {
        refuse("invalid", "measure.restricts_nothing", "this restricts nothing: name a class, a case or a time")
    }
}
