/**
 * Measures: what the operator decides about a partner, or about all partners under a duty, because of a risk or of what
 * was found. One person takes away, at once; two give back.
 */
import { type Instant, dayMs } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import type { Restriction } from "../../trust/partners/facts.ts"

export const measureKinds = [
    "restrict by duty",
    "restrict",
    "interim suspension",
    "reinstatement",
    "lift",
    "reprimand",
    "suspension",
    "termination",
] as const
/**
 * `restrict by duty`: a policy version, for all whom the duty concerns. `restrict`: a fact about one partner; neither
 * finds fault. `lift` and `reinstatement` end a restriction and a suspension. The last three are sanctions: each ends a
 * procedure.
 */
export type MeasureKind = (typeof measureKinds)[number]

/** What keeps a partner from all about cases while it is open. Of one partner several can be open at once. */
export const suspending = ["interim suspension", "suspension", "termination"] as const

export function suspends(kind: MeasureKind): boolean {
    return suspending.some((item) => item === kind)
}

/** The hardest of what is open tells the standing. */
export function standingUnder(open: readonly MeasureKind[]): "active" | "suspended" | "terminated" {
    if (open.includes("termination")) return "terminated"
    return open.some(suspends) ? "suspended" : "active"
}

/** From what two let a partner return: from what was taken for the time being, or from what procedures have led to. */
export const returnKinds = ["interim suspension", "suspension"] as const
export type ReturnKind = (typeof returnKinds)[number]

export interface Measure {
    readonly id: string
    readonly kind: MeasureKind
    /** Null for a measure by duty. */
    readonly partner: string | null
    /** The policy version of a measure by duty. */
    readonly policy: number | null
    /** The procedure that a sanction is decided in, or whose decision an interim suspension waits for. */
    readonly procedure: string | null
    readonly restriction: Restriction | null
    readonly reason: string
    readonly takenBy: string
    readonly takenAt: Instant
    /** By when two people have to look at an interim suspension (again); it stays until they decide. */
    readonly reviewBy: Instant | null
    readonly approval: string | null
    readonly endedAt: Instant | null
}

/** An interim suspension is looked at again within two weeks. */
export const reviewWithinMs = 14 * dayMs

/** One that is kept is looked at again within a quarter. */
const keptAtMostMs = 92 * dayMs

/** Refuses a new date for a review that is over, or far off. */
export function validateReviewDate(at: Instant, now: Instant): void {
    if (at > now && at <= now + keptAtMostMs) return
    refuse("invalid", "measure.bad_review_date", "an interim suspension is looked at again within `92` days")
}

const reasonMax = 4000

export function validateReason(reason: string): void {
    if (reason.trim() !== "" && reason.length <= reasonMax) return
    refuse("invalid", "measure.bad_reason", `a measure has a reason, of \`${reasonMax}\` characters at most`)
}

export function assertRestricts({ withhold, notBeforePublication, cases }: Restriction): void {
    const known: readonly string[] = artifactClasses
    const wrong = withhold.find((item) => !known.includes(item))
    if (wrong !== undefined) refuse("invalid", "measure.bad_class", `\`${wrong.slice(0, 40)}\` is no class`)
    if ((withhold.length === 0 && !notBeforePublication) || cases?.length === 0) {
        refuse("invalid", "measure.restricts_nothing", "this would take nothing from the partner")
    }
}
