/** Describes an unmet condition in the reader's language: the requirements, and the partner's tier. Pure. */
import type { Decision } from "../answers.ts"
import { listText, t, valueText } from "../../messages/message.ts"

type Condition = NonNullable<Decision["reasons"][number]["unmetCondition"]>
type Part = Condition["parts"][number]

/** `caseName` names a case by its id. */
export function unmetText({ parts, isAll, tier }: Condition, caseName: (id: string) => string): string {
    if (parts.length === 0) return t("This condition has no description: see its text.")
    const conditions = listText(
        parts.map((part) => partTexts[part.code](valuesText(part, caseName))),
        isAll ? "and" : "or",
    )
    if (tier === undefined) return t("Required: {conditions}.", { conditions })
    return tier === null
        ? t("Required: {conditions}. The partner has no tier.", { conditions })
        : t("Required: {conditions}. The partner's tier is {tier}.", { conditions, tier: valueText(tier) })
}

function valuesText({ code, values, isAll }: Part, caseName: (id: string) => string): string {
    const nameOf = code.startsWith("case") ? caseName : code.includes("duty") ? (id: string) => id : valueText
    return listText(values.map(nameOf), isAll ? "and" : "or")
}

const partTexts: Readonly<Record<Part["code"], (values: string) => string>> = {
    tier_none: () => t("the partner has no tier"),
    tier_any: () => t("the partner has a tier"),
    tier_is: (tiers) => t("the partner's tier is {tiers}", { tiers }),
    tier_is_not: (tiers) => t("the partner's tier is not {tiers}", { tiers }),
    duty: (duties) => t("the partner has the reporting duty {duties}", { duties }),
    no_duty: (duties) => t("the partner does not have the reporting duty {duties}", { duties }),
    may_report: () => t("the partner may have to report before publication"),
    need_not_report: () => t("the partner need not report before publication"),
    class_is: (classes) => t("the class is {classes}", { classes }),
    class_is_not: (classes) => t("the class is not {classes}", { classes }),
    case_is: (cases) => t("it belongs to {cases}, or to a bypass or variant of it", { cases }),
    case_is_not: (cases) => t("it does not belong to {cases}, or to a bypass or variant of it", { cases }),
}
