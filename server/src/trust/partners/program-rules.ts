/**
 * Defines the program rules about partners, as data with versions: admission, tiers, guidance testing, grace periods,
 * embargo limits, advance consent, aggregates and follow-up deadlines. A decision uses the version of its instant.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { criterionShape, validateCriteria, shippedCriteria } from "./onboarding/admission.ts"
import { type RequirementKind, type RequirementRules, requirementKinds } from "./requirements/requirement.ts"
import { tiers } from "./partner.ts"
import { validateTierRules, shippedTierRules, tierCriterionShape } from "./requirements/qualification.ts"
import { closed } from "../../kernel/schemas.ts"

/** Minimum group size of any published count. */
export const groupMinLeast = 5
export const groupMinMax = 100
export const reportingDaysMax = 90

const tierCriteria = Type.Array(tierCriterionShape, { maxItems: 20 })
const requirementRuleShape = Type.Object(
    {
        graceDays: Type.Integer({ minimum: 0, maximum: 365 }),
        remindDays: Type.Array(Type.Integer({ minimum: 1, maximum: 90 }), { maxItems: 6, uniqueItems: true }),
    },
    closed,
)

export const rulesShapes = {
    admission: Type.Object({ criteria: Type.Array(criterionShape, { minItems: 1, maxItems: 40 }) }, closed),
    tiers: Type.Object({ entry: tierCriteria, advance: tierCriteria, validate: tierCriteria }, closed),
    /** The tiers whose partners test guidance before others get it. */
    testing: Type.Object(
        { tiers: Type.Array(Type.Enum([...tiers]), { maxItems: tiers.length, uniqueItems: true }) },
        closed,
    ),
    requirements: Type.Object(
        {
            kinds: Type.Object(
                {
                    agreement: Type.Object({ ...requirementRuleShape.properties, graceDays: Type.Literal(0) }, closed),
                    attestation: requirementRuleShape,
                    regular_reports: requirementRuleShape,
                    mailbox: requirementRuleShape,
                    key: requirementRuleShape,
                    lead: requirementRuleShape,
                },
                closed,
            ),
            mailboxEveryDays: Type.Integer({ minimum: 30, maximum: 3660 }),
            agreementNoticeDays: Type.Integer({ minimum: 1, maximum: 366 }),
            keyDaysMax: Type.Integer({ minimum: 30, maximum: 3660 }),
        },
        closed,
    ),
    /** Advance consent of agreements that set none, in days. 0: each case needs its own consent. */
    consent: Type.Object({ longestEmbargoDays: Type.Integer({ minimum: 0, maximum: 365 }) }, closed),
    /** Maximum length of an embargo from agreement to end, in days. */
    embargo: Type.Object({ daysMax: Type.Integer({ minimum: 1, maximum: 365 }) }, closed),
    /** Whether partners see in bands how many others reported, and from which group size. */
    aggregates: Type.Object(
        { notified: Type.Boolean(), groupMin: Type.Integer({ minimum: groupMinLeast, maximum: groupMinMax }) },
        closed,
    ),
    /**
     * Days after a released wave within which a partner must report (0: no report), and days before it for a reminder.
     */
    reporting: Type.Object(
        {
            days: Type.Integer({ minimum: 0, maximum: reportingDaysMax }),
            remindDays: Type.Integer({ minimum: 0, maximum: reportingDaysMax }),
        },
        closed,
    ),
}

/** The name of a set of program rules. */
export type RulesKind = keyof typeof rulesShapes

/** The program rules by name. */
export type Rules = { readonly [Kind in RulesKind]: Readonly<Static<(typeof rulesShapes)[Kind]>> }

const rule = (graceDays: number, ...remindDays: number[]) => ({ graceDays, remindDays })

/** The shipped rules, version 0. */
export const shippedRules: Rules = {
    admission: { criteria: [...shippedCriteria] },
    tiers: {
        entry: [...shippedTierRules.entry],
        advance: [...shippedTierRules.advance],
        validate: [...shippedTierRules.validate],
    },
    testing: { tiers: ["validate"] },
    requirements: {
        kinds: {
            agreement: { graceDays: 0, remindDays: [21, 7, 2] },
            attestation: rule(14, 30, 14, 3),
            regular_reports: rule(14, 21, 7, 2),
            mailbox: rule(30, 45, 14, 3),
            key: rule(14, 14, 7, 2),
            lead: rule(14, 14, 7, 2),
        },
        mailboxEveryDays: 365,
        agreementNoticeDays: 30,
        keyDaysMax: 730,
    },
    consent: { longestEmbargoDays: 90 },
    embargo: { daysMax: 90 },
    aggregates: { notified: false, groupMin: groupMinLeast },
    reporting: { days: 7, remindDays: 2 },
}

/** Refuses rules that contradict themselves, by the code of the rule. */
export function validateRules<Kind extends RulesKind>(kind: Kind, rules: Rules[Kind]): void {
    if (kind === "admission") validateCriteria((rules as Rules["admission"]).criteria)
    if (kind === "tiers") validateTierRules(rules as Rules["tiers"])
    if (kind === "requirements") assertReminds(rules as RequirementRules)
    if (kind === "reporting") assertReminderInDeadline(rules as Rules["reporting"])
}

function assertReminderInDeadline({ days, remindDays }: Rules["reporting"]): void {
    if (remindDays > days) {
        refuse(
            "invalid",
            "program_rules.reminder_too_early",
            "the reminder is earlier than the start of the deadline: use fewer days",
        )
    }
}

/**
 * Refuses `program_rules.reminder_missing` where content would be withheld without a reminder at least a day before.
 */
function assertReminds({ kinds }: RequirementRules): void {
    const kindWithoutReminder = requirementKinds.find((kind) => kinds[kind].remindDays.length === 0)
    if (kindWithoutReminder !== undefined) {
        refuse(
            "invalid",
            "program_rules.reminder_missing",
            `no reminder before \`${kindWithoutReminder}\` withholds content: add a number of days`,
            { kindWithoutReminder },
        )
    }
}

/** Whether partners could learn more about each other. Needs two people. */
export function sharesMore(before: Rules["aggregates"], after: Rules["aggregates"]): boolean {
    return after.notified && (!before.notified || after.groupMin < before.groupMin)
}

/** Whether partners could keep access longer. Needs two people. */
export function relaxesRequirements(before: RequirementRules, after: RequirementRules): boolean {
    const isLonger = (kind: RequirementKind) => after.kinds[kind].graceDays > before.kinds[kind].graceDays
    const hasLongerPeriod = (["mailboxEveryDays", "keyDaysMax"] as const).some((name) => after[name] > before[name])
    return requirementKinds.some(isLonger) || hasLongerPeriod
}
