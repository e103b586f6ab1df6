/**
 * Describes unmet clauses: what a rule requires, and which tier this partner has instead. The screens have a sentence
 * for each code.
 *
 * Partners that the policy cannot distinguish share one answer. So the description names only facts that the policy
 * sees: of a partner's duties, those that the rule names.
 */
import type { Clause, Condition } from "../../models/policy.ts"
import type { PartnerFacts } from "./facts.ts"

export const conditionCodes = [
    "tier_none",
    "tier_any",
    "tier_is",
    "tier_is_not",
    "duty",
    "no_duty",
    "may_report",
    "need_not_report",
    "class_is",
    "class_is_not",
    "case_is",
    "case_is_not",
] as const

/** One thing that a clause requires. */
export interface ConditionPart {
    readonly code: (typeof conditionCodes)[number]
    /** The tiers, duties, classes or cases that the rule names. */
    readonly values: readonly string[]
    /** Whether it requires all of the values, and not any. */
    readonly isAll: boolean
}

/** The requirements of an unmet clause. */
export interface UnmetCondition {
    /** Empty where the clause has no description but its own text. */
    readonly parts: readonly ConditionPart[]
    /** Whether all of them are required, and not any. */
    readonly isAll: boolean
    /** The partner's tier (null: it has none), where the clause is about tiers. */
    readonly tier?: PartnerFacts["tier"]
}

/** Describes what an unmet clause requires of this partner. */
export function unmetConditionOf({ condition }: Clause, partner: PartnerFacts): UnmetCondition {
    const found = condition && descriptionOf(condition, true)
    if (!found) return { parts: [], isAll: true }
    return mentions(condition, "principal.tier") ? { ...found, tier: partner.tier } : found
}

/** Describes a condition, or its negation where `holds` is false. Null where it has no description. */
function descriptionOf(condition: Condition, holds: boolean): UnmetCondition | null {
    if (condition.operator === "not") return descriptionOf(condition.condition, !holds)
    if ("conditions" in condition) {
        const isAll = (condition.operator === "and") === holds
        const descriptions = condition.conditions.map((inner) => descriptionOf(inner, holds))
        // One list holds only "all of" or only "any of": mixed parts have no description.
        const isOneList = descriptions.every(
            (found) => found !== null && (found.isAll === isAll || found.parts.length === 1),
        )
        return isOneList ? { parts: descriptions.flatMap((found) => found?.parts ?? []), isAll } : null
    }
    const part = partOf(condition, holds)
    return part && { parts: [part], isAll: true }
}

type Comparison = Exclude<Condition, { readonly operator: "not" } | { readonly conditions: unknown }>

function partOf(condition: Comparison, holds: boolean): ConditionPart | null {
    if (condition.operator === "true") {
        if (condition.path !== "principal.reportsBeforePublication") return null
        return { code: holds ? "may_report" : "need_not_report", values: [], isAll: false }
    }
    const values = condition.values.map(({ id }) => id)
    const isAll = condition.operator === "all_of"
    if (condition.path === "principal.tier" && values.every((id) => id === "none"))
        return { code: holds ? "tier_none" : "tier_any", values: [], isAll }
    const codes = codesOf[condition.path]
    return codes === undefined ? null : { code: codes[holds ? 0 : 1], values, isAll }
}

/** The code where the condition must hold, and where it must not. */
const codesOf: Readonly<Record<string, readonly [ConditionPart["code"], ConditionPart["code"]]>> = {
    "principal.tier": ["tier_is", "tier_is_not"],
    "principal.dutyRegimes": ["duty", "no_duty"],
    "resource.class": ["class_is", "class_is_not"],
    "resource.cases": ["case_is", "case_is_not"],
}

function mentions(condition: Condition, path: string): boolean {
    if (condition.operator === "not") return mentions(condition.condition, path)
    if ("conditions" in condition) return condition.conditions.some((condition) => mentions(condition, path))
    return condition.path === path
}
