/**
 * Defines admission criteria, as data with versions, and the tally of scores. Each score is one person's, with a
 * reason.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { hasControls } from "../agreements/obligation.ts"
import { closed } from "../../../kernel/schemas.ts"

export const criterionShape = Type.Object(
    {
        id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,39}$" }),
        text: Type.String({ minLength: 1, maxLength: 1000 }),
        weight: Type.Integer({ minimum: 1, maximum: 10 }),
        /** Needed for an invitation. */
        required: Type.Boolean(),
    },
    closed,
)

/** A criterion for the admission of applicants. */
export type Criterion = Readonly<Static<typeof criterionShape>>

export const scoreMax = 4
/** Maximum scores of an application, replaced ones included. */
export const scoresMax = 400
/** Mean score from which a criterion is met. */
export const metScore = 2

export const scoreField = Type.Integer({ minimum: 0, maximum: scoreMax })

/** A person's score of one criterion. */
export interface Score {
    readonly criterion: string
    readonly person: string
    /** From 0 (not met) to 4 (fully shown). */
    readonly score: number
    /** Order of the scores; one person's last score on a criterion counts. */
    readonly seq: number
}

/** The result of all scores of an application. */
export interface Tally {
    /** Weighted total of 100; a criterion without a score counts as 0. */
    readonly total: number
    /** Required criteria without a score. */
    readonly unscored: readonly string[]
    /** Required criteria that are scored and not met. */
    readonly unmet: readonly string[]
}

/** Returns the result of all scores: the weighted mean of each criterion's mean, in percent. */
export function tallyScores(criteria: readonly Criterion[], scores: readonly Score[]): Tally {
    const means = new Map(criteria.map(({ id }) => [id, meanOf(scores.filter((score) => score.criterion === id))]))
    const best = criteria.reduce((sum, { weight }) => sum + weight * scoreMax, 0)
    const points = criteria.reduce((sum, { id, weight }) => sum + weight * (means.get(id) ?? 0), 0)
    const required = criteria.filter((criterion) => criterion.required).map(({ id }) => id)
    return {
        total: best === 0 ? 0 : Math.round((100 * points) / best),
        unscored: required.filter((id) => means.get(id) === null),
        unmet: required.filter((id) => (means.get(id) ?? metScore) < metScore),
    }
}

function meanOf(scores: readonly Score[]): number | null {
    const last = new Map<string, Score>()
    for (const score of scores.toSorted((a, b) => a.seq - b.seq)) last.set(score.person, score)
    if (last.size === 0) return null
    return [...last.values()].reduce((sum, { score }) => sum + score, 0) / last.size
}

/** Refuses an invitation that the criteria do not support. A decline is always possible. */
export function assertCriteriaMet({ unscored, unmet }: Tally): void {
    if (unscored.length > 0) {
        refuse("conflict", "admission.not_scored", `score the required criteria first: \`${unscored.join(", ")}\``, {
            unscored: unscored.join(", "),
        })
    }
    if (unmet.length > 0) {
        refuse(
            "conflict",
            "admission.criteria_not_met",
            `an invitation needs the required criteria, which are not met: \`${unmet.join(", ")}\``,
            { unmet: unmet.join(", ") },
        )
    }
}

const criteriaMax = 40

/** Refuses `admission.bad_criteria`, `admission.duplicate_criterion` and `admission.bad_text`. */
export function validateCriteria(criteria: readonly Criterion[]): void {
    if (!(criteria.length >= 1 && criteria.length <= criteriaMax)) {
        refuse(
            "invalid",
            "admission.bad_criteria",
            `the number of criteria is out of range: use 1 to \`${criteriaMax}\``,
            { max: criteriaMax },
        )
    }
    if (new Set(criteria.map(({ id }) => id)).size !== criteria.length) {
        refuse("invalid", "admission.duplicate_criterion", "two criteria have the same id: use different ids")
    }
    if (!criteria.every(({ text }) => text.trim().length > 0 && !hasControls(text))) {
        refuse("invalid", "admission.bad_text", "a criterion has no text: describe what it requires")
    }
}

const criterionOf = (id: string, text: string, weight: number, required = false): Criterion => ({
    id,
    text,
    weight,
    required,
})

/** The shipped criteria. A program writes its own as a new version. */
export const shippedCriteria: readonly Criterion[] = [
    criterionOf("mailbox", "Several named persons read the address for warnings every working day", 2, true),
    criterionOf(
        "protects-others",
        "It protects many others: customers, users, or organisations that it hosts",
        3,
        true,
    ),
    criterionOf("track-record", "Public sources show that it has shipped protections or fixes for years", 3, true),
    criterionOf("in-house", "It protects its own systems with its own protections, and shows how", 2),
    criterionOf(
        "worked-example",
        "Its worked example is right, is its own work, and would have helped in time",
        3,
        true,
    ),
    criterionOf("first-hand", "It makes its own protections, and does not repackage those of another member", 2),
    criterionOf(
        "confidence",
        "Few named people, bound to secrecy, see warnings; the tools that act on them are known",
        3,
        true,
    ),
    criterionOf("no-offence", "It sells and builds no means of attack, and no part of its group does", 3, true),
    criterionOf(
        "gives-back",
        "It is willing to test guidance, and to report its observations, zero reports included",
        1,
    ),
    criterionOf("vouched", "Members who know its people vouch for it", 1),
]
