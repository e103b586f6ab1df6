/**
 * Describes unmet clauses in words: what a rule requires, and which facts this partner has instead.
 *
 * Partners that the policy cannot distinguish share one answer. So the text names only facts that the policy sees: of a
 * partner's duties, those that the rule names.
 */
import type { Clause, Condition, EntityReference } from "../../models/policy.ts"
import type { PartnerFacts } from "./facts.ts"

/** Describes in one sentence, for a manager, what an unmet clause requires of this partner. */
export function unmetClauseText({ condition }: Clause, partner: PartnerFacts): string {
    const text = condition && conditionText(condition, true)
    if (text === null) return "This clause has no description: see its text"
    const suffix = condition && mentions(condition, "principal.tier") ? `; ${tierText(partner)}` : ""
    return `It requires that ${text}${suffix}`
}

const tierText = ({ tier }: PartnerFacts): string => (tier === null ? "it has no tier" : `its tier is ${tier}`)

/** Describes a condition, or its negation where `holds` is false. Null where the condition has no wording. */
function conditionText(condition: Condition, holds: boolean): string | null {
    if (condition.operator === "not") return conditionText(condition.condition, !holds)
    if ("conditions" in condition) {
        const parts = condition.conditions.map((condition) => conditionText(condition, holds))
        if (parts.includes(null)) return null
        return parts.join((condition.operator === "and") === holds ? ", and " : ", or ")
    }
    if (condition.operator === "true") return condition.path === reportsPath ? reportsTexts[`${holds}`] : null
    const phrase = phrases[condition.path]
    return phrase ? phrase(condition.values, holds, condition.operator === "all_of" ? "and" : "or") : null
}

const reportsPath = "principal.reportsBeforePublication"
const reportsTexts = {
    true: "the partner may have to report before publication",
    false: "the partner need not report before publication",
}

type Phrase = (values: readonly EntityReference[], holds: boolean, join: "and" | "or") => string

/** Joins ids as `a, b or c`. */
function idsOf(values: readonly EntityReference[], join: "and" | "or"): string {
    const ids = values.map(({ id }) => id)
    return [ids.slice(0, -1).join(", "), ...ids.slice(-1)].filter((part) => part !== "").join(` ${join} `)
}

const phrases: Readonly<Record<string, Phrase>> = {
    "principal.tier": (values, holds) => {
        if (values.every(({ id }) => id === "none")) return holds ? "the partner has no tier" : "the partner has a tier"
        return `the partner's tier is ${holds ? "" : "not "}${idsOf(values, "or")}`
    },
    "principal.dutyRegimes": (values, holds, join) =>
        `the partner is ${holds ? "" : "not "}under the ${values.length > 1 ? "duties" : "duty"} ` +
        `${idsOf(values, join)}`,
    "resource.class": (values, holds) => `the class is ${holds ? "" : "not "}${idsOf(values, "or")}`,
    "resource.cases": (values, holds, join) =>
        `it is ${holds ? "" : "not "}of the case ${idsOf(values, join)}, or of one that bypasses or varies it`,
}

function mentions(condition: Condition, path: string): boolean {
    if (condition.operator === "not") return mentions(condition.condition, path)
    if ("conditions" in condition) return condition.conditions.some((condition) => mentions(condition, path))
    return condition.path === path
}
