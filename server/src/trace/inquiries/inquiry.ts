/**
 * An inquiry is a confidential examination of how content became known. It opens with competing hypotheses, so that
 * members examine more than the partners. Its findings state their confidence.
 */
import { type PriorHypothesisKey, priorHypotheses, weightDefault } from "@tocsin/marks/bundle/fixed-texts"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { InquiryStatus } from "./history.ts"
import type { ApprovalState } from "../../trust/approvals/approval.ts"

/** A hypothesis about how a leak came about. */
export interface Hypothesis {
    readonly key: PriorHypothesisKey
    readonly title: string
    readonly for: string
    readonly against: string
    /** The prior weight relative to the others; missing where none was set. */
    readonly weight?: number
    /** The salt of the commitment to the last text; missing where there is none. */
    readonly salt?: string
}

const weightMax = 100
/** Returns the prior weight of a hypothesis, or the default. */
export const weightOf = ({ weight = weightDefault }: Pick<Hypothesis, "weight">): number => weight

/** The initial hypotheses, all with the same prior weight. */
export const initialHypotheses: readonly Hypothesis[] = priorHypotheses.map((hypothesis) => ({
    ...hypothesis,
    for: "",
    against: "",
}))

export const confidences = ["low", "moderate", "high"] as const

/** The proposer's confidence in a finding. */
export type Confidence = (typeof confidences)[number]

/** The conclusion of a finding. */
export interface Conclusion {
    /** Null where the finding concerns no partner. */
    readonly partner: string | null
    readonly conclusion: string
    readonly confidence: Confidence
    /** The id of the breached obligation; null where there is none. */
    readonly obligation: string | null
}

/** The breached obligation, in the text that the partner accepted. */
export interface BreachedObligation {
    readonly agreement: number
    readonly id: string
    readonly text: string
}

/** A finding of an inquiry. */
export interface Finding extends Omit<Conclusion, "obligation"> {
    readonly obligation: BreachedObligation | null
    readonly id: string
    readonly approval: string
    /** The status of the second member's approval. */
    readonly state: ApprovalState
    readonly proposedBy: string
    readonly proposedAt: Instant
    /** Null until the second signature is applied. */
    readonly confirmedAt: Instant | null
    /** The salt of the signed text. */
    readonly salt: string
    /** The reason for confirmation without answer; null where the answer was awaited or not requested. */
    readonly confirmedWithoutAnswer: { readonly reason: string; readonly salt: string } | null
}

/** An inquiry into leaks of one case. */
export interface Inquiry {
    readonly id: string
    readonly case: string
    readonly title: string
    readonly hypotheses: readonly Hypothesis[]
    readonly members: readonly string[]
    readonly evidence: readonly string[]
    readonly openedBy: string
    readonly openedAt: Instant
    readonly status: InquiryStatus
}

const titleMax = 200
const textMax = 20_000

/** Validates a title. Refuses `inquiry.bad_title`. */
export function validateTitle(title: string): void {
    if (title.trim() !== "" && title.length <= titleMax && !/\p{Cc}/u.test(title)) return
    refuse("invalid", "inquiry.bad_title", `a title must have 1 to ${titleMax} characters and no control characters`, {
        max: titleMax,
    })
}

/** Validates a finding. Refuses `inquiry.no_conclusion`, `inquiry.bad_obligation` and `inquiry.too_long`. */
export function validateConclusion({ partner, conclusion, obligation }: Conclusion): void {
    validateLength(conclusion)
    if (conclusion.trim() === "")
        refuse("invalid", "inquiry.no_conclusion", "the conclusion is empty: enter the finding")
    validateLength(obligation ?? "")
    if (obligation !== null && (partner === null || obligation.trim() === "")) {
        refuse("invalid", "inquiry.bad_obligation", "an obligation must be an id, and needs a partner")
    }
}

/** Arguments for and against a hypothesis. A missing weight stays unchanged. */
export type HypothesisAssessment = Pick<Hypothesis, "for" | "against" | "weight">

/**
 * Returns the list with one hypothesis changed. Refuses `inquiry.hypothesis_not_found`, `inquiry.bad_weight` and
 * `inquiry.too_long`.
 */
export function withAssessment(
    hypotheses: readonly Hypothesis[],
    key: string,
    assessment: HypothesisAssessment,
    salt: string,
): Hypothesis[] {
    validateLength(assessment.for)
    validateLength(assessment.against)
    if (!hypotheses.some((hypothesis) => hypothesis.key === key)) {
        refuse("missing", "inquiry.hypothesis_not_found", `no hypothesis \`${key.slice(0, 40)}\``, {
            key: key.slice(0, 40),
        })
    }
    validateWeight(assessment.weight ?? weightDefault)
    return hypotheses.map((hypothesis) =>
        hypothesis.key === key ? { ...hypothesis, ...assessment, salt } : hypothesis,
    )
}

/** Returns the fields of a hypothesis that the audit log commits to. */
export function committedFieldsOf({ for: pro, against, weight }: HypothesisAssessment) {
    return { for: pro, against, ...(weight !== undefined && { weight }) }
}

/** Validates a prior weight. Refuses `inquiry.bad_weight`. */
export function validateWeight(weight: number): void {
    if (Number.isInteger(weight) && weight >= 0 && weight <= weightMax) return
    refuse("invalid", "inquiry.bad_weight", `a weight must be a whole number from 0 to ${weightMax}`, {
        max: weightMax,
    })
}

function validateLength(text: string): void {
    if (text.length <= textMax) return
    refuse("invalid", "inquiry.too_long", `the text is too long: \`${textMax}\` characters at most`, { max: textMax })
}
