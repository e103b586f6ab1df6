/**
 * Computes which tier a partner qualifies for, from criteria that can be checked.
 *
 * A proposal decides nothing: two people accept it, or one dismisses it.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { type Tier, tiers } from "../partner.ts"
import { closed } from "../../../kernel/schemas.ts"

export const measuredFacts = [
    "months_active",
    "usable_keys",
    "leads",
    "attested",
    "overdue",
    "late_in_a_year",
    "percent_acknowledged",
] as const

/** A fact about a partner that Tocsin measures. */
export type MeasuredFact = (typeof measuredFacts)[number]

/** Measured facts of a partner. Null: unknown, which neither raises nor lowers the tier. */
export type Measurements = Readonly<Record<MeasuredFact, number | null>>

export const tierCriterionShape = Type.Object(
    {
        id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,39}$" }),
        text: Type.String({ minLength: 1, maxLength: 400 }),
        fact: Type.Enum([...measuredFacts]),
        is: Type.Enum(["at_least", "at_most"]),
        value: Type.Number({ minimum: 0, maximum: 10_000 }),
    },
    closed,
)

/** A criterion that partners of a tier must meet. */
export type TierCriterion = Readonly<Static<typeof tierCriterionShape>>

/** The criteria of each tier, in addition to those of lower tiers. */
export type TierRules = Readonly<Record<Tier, readonly TierCriterion[]>>

/** Whether a partner meets a criterion. */
export interface CriterionResult {
    readonly tier: Tier
    readonly criterion: string
    readonly value: number | null
    /** Null: unknown. */
    readonly met: boolean | null
}

/** A proposal to move a partner to another tier. */
export interface Proposal {
    readonly from: Tier
    readonly to: Tier
    /** Every checked criterion, tier by tier. */
    readonly findings: readonly CriterionResult[]
}

/**
 * Proposes one tier up where all criteria up to it are met, or down to the highest tier below which none fails. Every
 * partner qualifies for the lowest tier; unknown facts propose nothing.
 */
export function proposalFor(rules: TierRules, current: Tier, measured: Measurements): Proposal | null {
    const findings = tiers.flatMap((tier) =>
        rules[tier].map((criterion) => criterionResultOf(tier, criterion, measured)),
    )
    const resultsUpTo = (tier: Tier) => findings.filter((finding) => tiers.indexOf(finding.tier) <= tiers.indexOf(tier))
    const next = tiers[tiers.indexOf(current) + 1]
    const below = tiers.slice(0, tiers.indexOf(current) + 1).toReversed()
    const tierMet = below.find((tier) => resultsUpTo(tier).every(({ met }) => met !== false)) ?? tiers[0]
    const movesUp = tierMet === current && next !== undefined && resultsUpTo(next).every(({ met }) => met === true)
    const to = movesUp ? next : tierMet
    return to === current ? null : { from: current, to, findings }
}

function criterionResultOf(
    tier: Tier,
    { id, fact, is, value }: TierCriterion,
    measured: Measurements,
): CriterionResult {
    const found = measured[fact]
    const met = found === null ? null : is === "at_least" ? found >= value : found <= value
    return { tier, criterion: id, value: found, met }
}

const criteriaMax = 20

/** Refuses `qualification.too_many` and `qualification.duplicate_criterion`. */
export function validateTierRules(rules: TierRules): void {
    const list = tiers.flatMap((tier) => rules[tier])
    if (!(list.length <= criteriaMax)) {
        refuse("invalid", "qualification.too_many", `too many tier criteria: use at most \`${criteriaMax}\``, {
            max: criteriaMax,
        })
    }
    if (new Set(list.map(({ id }) => id)).size !== list.length) {
        refuse("invalid", "qualification.duplicate_criterion", "two criteria have the same id: use different ids")
    }
}

const criterionOf = (
    id: string,
    text: string,
    fact: MeasuredFact,
    is: TierCriterion["is"],
    value: number,
): TierCriterion => ({
    id,
    text,
    fact,
    is,
    value,
})

/** The shipped rules. A program writes its own as a new version. */
export const shippedTierRules: TierRules = {
    entry: [],
    advance: [
        criterionOf("half-a-year", "Active for six months", "months_active", "at_least", 6),
        criterionOf("key", "A key that can be used", "usable_keys", "at_least", 1),
        criterionOf("lead", "A lead on the roster", "leads", "at_least", 1),
        criterionOf("nothing-overdue", "Nothing is overdue", "overdue", "at_most", 0),
        criterionOf("mostly-in-time", "Late twice in a year at most", "late_in_a_year", "at_most", 2),
        criterionOf(
            "acknowledges",
            "Acknowledges three of four warnings that it fetched",
            "percent_acknowledged",
            "at_least",
            75,
        ),
    ],
    validate: [
        criterionOf("two-years", "Active for two years", "months_active", "at_least", 24),
        criterionOf("attested", "Its attestation is current", "attested", "at_least", 1),
        criterionOf("always-in-time", "Never late in a year", "late_in_a_year", "at_most", 0),
        criterionOf(
            "acknowledges-all",
            "Acknowledges nearly all warnings that it fetched",
            "percent_acknowledged",
            "at_least",
            95,
        ),
    ],
}
