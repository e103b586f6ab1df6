/**
 * An inquiry: sealed work on the question of how something became known. It opens with the rival explanations, so that
 * nobody looks for a partner alone, and ends in findings that state how sure they are.
 */
import { explanations, weightDefault } from "@tocsin/marks/bundle/fixed-texts"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import type { Course } from "./history.ts"
import type { ApprovalState } from "../../trust/approvals/approval.ts"

export interface Hypothesis {
    readonly key: string
    readonly title: string
    readonly for: string
    readonly against: string
    /** How likely it is beside the others before the evidence is looked at; none where nobody has set it. */
    readonly weight?: number
    /** With it the record commits to what was last written; none where nothing was, or before that was kept. */
    readonly salt?: string
}

const weightMost = 100
export const weightOf = ({ weight = weightDefault }: Pick<Hypothesis, "weight">): number => weight

/** None is likelier than another before it was looked at. */
export const rivals: readonly Hypothesis[] = explanations.map((explanation) => ({
    ...explanation,
    for: "",
    against: "",
}))

export const confidences = ["low", "moderate", "high"] as const
export type Confidence = (typeof confidences)[number]

export interface Conclusion {
    /** Null where the finding concerns no partner. */
    readonly partner: string | null
    readonly conclusion: string
    readonly confidence: Confidence
    /** The id of the agreement's obligation that was breached; null where none was. */
    readonly obligation: string | null
}

/** The obligation that was breached, as the partner has accepted it. */
export interface Breached {
    readonly agreement: number
    readonly id: string
    readonly text: string
}

export interface Finding extends Omit<Conclusion, "obligation"> {
    readonly obligation: Breached | null
    readonly id: string
    readonly approval: string
    /** Whether a second member has signed it. */
    readonly state: ApprovalState
    readonly proposedBy: string
    readonly proposedAt: Instant
    /** Null until a second person's signature was used for it. */
    readonly confirmedAt: Instant | null
    /** With it the signature covers the words; null where it was proposed before that was kept. */
    readonly salt: string | null
    /** Why its partner's answer was not waited for; null where it was, or none was asked for. */
    readonly unheard: { readonly reason: string; readonly salt: string } | null
}

export interface Inquiry {
    readonly id: string
    readonly case: string
    readonly title: string
    readonly hypotheses: readonly Hypothesis[]
    readonly members: readonly string[]
    readonly evidence: readonly string[]
    readonly openedBy: string
    readonly openedAt: Instant
    readonly course: Course
}

const titleMax = 200
const wordsMax = 20_000

export function validateTitle(title: string): void {
    if (title.trim() !== "" && title.length <= titleMax && !/\p{Cc}/u.test(title)) return
    refuse("invalid", "inquiry.bad_title", `a title has 1 to ${titleMax} characters, and no control characters`)
}

export function validateConclusion({ partner, conclusion, obligation }: Conclusion): void {
    assertFits(conclusion)
    if (conclusion.trim() === "") refuse("invalid", "inquiry.no_conclusion", "say what was found")
    assertFits(obligation ?? "")
    if (obligation !== null && (partner === null || obligation.trim() === "")) {
        refuse("invalid", "inquiry.bad_obligation", "an obligation is named by its id, and is a partner's")
    }
}

/** What speaks for and against; a weight that is left out stays as it was. */
export type Weighing = Pick<Hypothesis, "for" | "against" | "weight">

/** The list with one of them weighed; refuses one that is not on it. */
export function weighed(hypotheses: readonly Hypothesis[], key: string, words: Weighing, salt: string): Hypothesis[] {
    assertFits(words.for)
    assertFits(words.against)
    if (!hypotheses.some((hypothesis) => hypothesis.key === key)) {
        refuse("missing", "inquiry.hypothesis_not_found", `there is no explanation \`${key.slice(0, 40)}\``)
    }
    validateWeight(words.weight ?? weightDefault)
    return hypotheses.map((hypothesis) => (hypothesis.key === key ? { ...hypothesis, ...words, salt } : hypothesis))
}

/** What the record commits to of one. */
export function wordsOf({ for: pro, against, weight }: Weighing) {
    return { for: pro, against, ...(weight !== undefined && { weight }) }
}

export function validateWeight(weight: number): void {
    if (Number.isInteger(weight) && weight >= 0 && weight <= weightMost) return
    refuse("invalid", "inquiry.bad_weight", `a weight is a whole number from 0 to ${weightMost}`)
}

function assertFits(text: string): void {
    if (text.length <= wordsMax) return
    refuse("invalid", "inquiry.too_long", `\`${wordsMax}\` characters are the most that is kept`)
}
