/**
 * Defines the program rules about partners, as data with versions: admission, tiers, guidance testing, grace periods,
 * embargo limits, advance consent, aggregates and follow-up deadlines. A decision uses the version of its instant.
 */
import { type Static, Type } from "typebox"
import { refuse } from "@tocsin/base/refusal"
import { criterionShape, validateCriteria, shippedCriteria } from "./onboarding/admission.ts"
import { type DueKind, type DueRules, dueKinds } from "./requirements/requirement.ts"
import { tiers } from "./partner.ts"
import { validateTierRules, shippedTierRules, tierCriterionShape } from "./requirements/qualification.ts"
import { closed } from "../../kernel/schemas.ts"

/** Minimum group size of any published count. */
export const groupFloor = 5
export const groupMinMax = 100
export const reportingDaysMax = 90

const ofTier = Type.Array(tierCriterionShape, { maxItems: 20 })
const dueRuleShape = Type.Object(
    {
        graceDays: Type.Integer({ minimum: 0, maximum: 365 }),
        remindDays: Type.Array(Type.Integer({ minimum: 1, maximum: 90 }), { maxItems: 6, uniqueItems: true }),
    },
    closed,
)

export const rulesShapes = {
    admission: Type.Object({ criteria: Type.Array(criterionShape, { minItems: 1, maxItems: 40 }) }, closed),
    tiers: Type.Object({ entry: ofTier, advance: ofTier, validate: ofTier }, closed),
    /** The tiers whose partners test guidance before others get it. */
    testing: Type.Object(
        { tiers: Type.Array(Type.Enum([...tiers]), { maxItems: tiers.length, uniqueItems: true }) },
        closed,
    ),
    dues: Type.Object(
        {
            kinds: Type.Object(
                {
                    agreement: Type.Object({ ...dueRuleShape.properties, graceDays: Type.Literal(0) }, closed),
                    attestation: dueRuleShape,
                    regular_reports: dueRuleShape,
                    mailbox: dueRuleShape,
                    key: dueRuleShape,
                    lead: dueRuleShape,
                },
                closed,
            ),
            mailboxEveryDays: Type.Integer({ minimum: 30, maximum: 3660 }),
            agreementNoticeDays: Type.Integer({ minimum: 1, maximum: 366 }),
            keyDaysMax: Type.Integer({ minimum: 30, maximum: 3660 }),
        },
        closed,
    ),
    /** Advance consent of agreements that set none, in days. 0: each case is asked about. */
    consent: Type.Object({ longestEmbargoDays: Type.Integer({ minimum: 0, maximum: 365 }) }, closed),
    /** Maximum length of an embargo from agreement to end, in days. */
    embargo: Type.Object({ daysMax: Type.Integer({ minimum: 1, maximum: 365 }) }, closed),
    /** Whether partners see in bands how many others reported, and from which group size. */
    aggregates: Type.Object(
        { told: Type.Boolean(), groupMin: Type.Integer({ minimum: groupFloor, maximum: groupMinMax }) },
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
    dues: {
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
    aggregates: { told: false, groupMin: groupFloor },
    reporting: { days: 7, remindDays: 2 },
}

/** Refuses rules that contradict themselves, by the code of the rule. */
export function validateRules<Kind extends RulesKind>(kind: Kind, rules: Rules[Kind]): void {
    if (kind === "admission") validateCriteria((rules as Rules["admission"]).criteria)
    if (kind === "tiers") validateTierRules(rules as Rules["tiers"])
    if (kind === "dues") assertWarns(rules as DueRules)
    if (kind === "reporting") assertRemindsWithin(rules as Rules["reporting"])
}

function assertRemindsWithin({ days, remindDays }: Rules["reporting"]): void {
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
function assertWarns({ kinds }: DueRules): void {
    const silent = dueKinds.find((kind) => kinds[kind].remindDays.length === 0)
    if (silent !== undefined) {
        refuse(
            "invalid",
            "program_rules.reminder_missing",
            `no reminder before \`${silent}\` withholds content: add a number of days`,
        )
    }
}

/** Whether partners could learn more about each other. Needs two people. */
export function tellsMore(before: Rules["aggregates"], after: Rules["aggregates"]): boolean {
    return after.told && (!before.told || after.groupMin < before.groupMin)
}

/** Whether partners could keep access longer. Needs two people. */
export function loosensDues(before: DueRules, after: DueRules): boolean {
    const longer = (kind: DueKind) => after.kinds[kind].graceDays > before.kinds[kind].graceDays
    const holding = (["mailboxEveryDays", "keyDaysMax"] as const).some((item) => after[item] > before[item])
    return dueKinds.some(longer) || holding
}
