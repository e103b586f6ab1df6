/** The forms for the next version of each kind of program rules. */
import { writeTo } from "../api.ts"
import { choicesOf } from "../../kit/field.tsx"
import type { Criterion } from "../../../../server/src/trust/partners/onboarding/admission.ts"
import {
    type RequirementKind,
    requirementKinds,
} from "../../../../server/src/trust/partners/requirements/requirement.ts"
import { tiers } from "../../../../server/src/trust/partners/partner.ts"
import { type TierCriterion, measuredFacts } from "../../../../server/src/trust/partners/requirements/qualification.ts"
import {
    type Rules,
    groupMinLeast,
    groupMinMax,
    reportingDaysMax,
} from "../../../../server/src/trust/partners/program-rules.ts"
import { type Answers, type Asked, FormDialog, tickedOf } from "../../kit/form.tsx"
import { RowsDialog, wholeOf } from "../../kit/rows-form.tsx"
import type { Row } from "../../kit/rows.tsx"
import { useWhyNot } from "../artifacts/viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

const idField = { name: "id", label: t("Id") }

const yesOrNo = [
    { value: "no", name: t("no") },
    { value: "yes", name: t("yes") },
]

const criterionFields = [
    idField,
    { name: "weight", label: t("Weight, 1 to 10"), kind: "number" as const },
    { name: "required", label: t("Required"), from: yesOrNo },
    { name: "text", label: t("Text") },
]

function criterionOf(row: Row): Criterion {
    const { id = "", text = "" } = row
    return { id: id.trim(), text, weight: wholeOf(row, "weight", id), required: row["required"] === "yes" }
}

export function AdmissionDialog({ admission }: { admission: Rules["admission"] }) {
    const initial = admission.criteria.map(({ id, text, weight, required }) => ({
        id,
        text,
        weight: String(weight),
        required: required ? "yes" : "no",
    }))
    return (
        <RowsDialog
            button={t("Change…")}
            title={t("Admission criteria")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[{ many: t("Criteria"), singular: "criterion", fields: criterionFields, initial }]}
            write={(rows = []) =>
                writeTo("PUT", "/api/program-rules/admission", { rules: { criteria: rows.map(criterionOf) } })
            }
        >
            <p>{t("Scores by an earlier version do not count for this one.")}</p>
        </RowsDialog>
    )
}

const comparisons: readonly TierCriterion["is"][] = ["at_least", "at_most"]

const tierFields = [
    { name: "tier", label: t("Tier"), from: choicesOf(tiers) },
    idField,
    { name: "fact", label: t("Fact"), from: choicesOf(measuredFacts) },
    { name: "is", label: t("Comparison"), from: choicesOf(comparisons) },
    { name: "value", label: t("Threshold"), kind: "number" as const },
    { name: "text", label: t("Text") },
]

function tierCriterionOf(row: Row): TierCriterion {
    const { id = "", text = "" } = row
    return {
        id: id.trim(),
        text,
        fact: measuredFacts.find((measuredFact) => measuredFact === row["fact"]) ?? measuredFacts[0],
        is: row["is"] === "at_most" ? "at_most" : "at_least",
        value: wholeOf(row, "value", id),
    }
}

export function TiersDialog({ tiers: subject }: { tiers: Rules["tiers"] }) {
    const initial = tiers.flatMap((tier) => subject[tier].map((item) => ({ ...item, tier, value: String(item.value) })))
    const ofTier = (rows: readonly Row[], tier: string) =>
        rows.filter((row) => (row["tier"] ?? tiers[0]) === tier).map(tierCriterionOf)
    return (
        <RowsDialog
            button={t("Change…")}
            title={t("Tier criteria")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[{ many: t("Criteria"), singular: "criterion", fields: tierFields, initial }]}
            write={(rows = []) =>
                writeTo("PUT", "/api/program-rules/tiers", {
                    rules: {
                        entry: ofTier(rows, "entry"),
                        validate: ofTier(rows, "validate"),
                        advance: ofTier(rows, "advance"),
                    },
                })
            }
        >
            <p className="muted">
                {t(
                    "A tier also requires the criteria of the tiers below it. The criteria propose a tier; people decide.",
                )}
            </p>
        </RowsDialog>
    )
}

const days = (value: string): string | null =>
    /^\s*\d{1,4}\s*$/.test(value) ? null : t("enter a whole number of days")
const dayList = (value: string): string | null =>
    /^\s*\d{1,2}(\s*,\s*\d{1,2})*\s*$/.test(value) ? null : t("enter whole numbers of days, like 14, 7, 1")

function askedOf(kind: RequirementKind, requirements: Rules["requirements"]): Asked[] {
    const { graceDays, remindDays } = requirements.kinds[kind]
    const grace: Asked = {
        name: `${kind}-grace`,
        label: t("{requirement}: grace period in days", { requirement: valueText(kind) }),
        kind: "number",
        initial: String(graceDays),
        check: days,
    }
    return [
        // The grace period of an agreement is its notice period.
        ...(kind === "agreement" ? [] : [grace]),
        {
            name: `${kind}-remind`,
            label: t("{requirement}: reminders, in days before content is withheld", {
                requirement: valueText(kind),
            }),
            kind: "line",
            initial: remindDays.join(", "),
            check: dayList,
        },
    ]
}

const spanKinds = ["mailboxEveryDays", "agreementNoticeDays", "keyDaysMax"] as const
type SpanKind = (typeof spanKinds)[number]

/** Other periods in days. */
export const spanNames: Readonly<Record<SpanKind, string>> = {
    mailboxEveryDays: t("Days that a mailbox verification is valid"),
    agreementNoticeDays: t("Notice period of a new agreement, in days"),
    keyDaysMax: t("Longest validity of a new key, in days"),
}

function requirementsIn(answers: Answers): Rules["requirements"] {
    const ruleOf = (kind: RequirementKind) => ({
        graceDays: Number(answers[`${kind}-grace`]),
        remindDays: (answers[`${kind}-remind`] ?? "").split(",").map(Number),
    })
    const kinds = {
        agreement: { ...ruleOf("agreement"), graceDays: 0 as const },
        attestation: ruleOf("attestation"),
        regular_reports: ruleOf("regular_reports"),
        mailbox: ruleOf("mailbox"),
        key: ruleOf("key"),
        lead: ruleOf("lead"),
    }
    const daysOf = (kind: SpanKind) => Number(answers[kind])
    return {
        kinds,
        mailboxEveryDays: daysOf("mailboxEveryDays"),
        agreementNoticeDays: daysOf("agreementNoticeDays"),
        keyDaysMax: daysOf("keyDaysMax"),
    }
}

export function RequirementsDialog({ requirements }: { requirements: Rules["requirements"] }) {
    const spans = spanKinds.map((name): Asked => ({
        name,
        label: spanNames[name],
        kind: "number",
        initial: String(requirements[name]),
        check: days,
    }))
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Requirements and grace periods")}
            submit={t("Save as a new version")}
            wide
            disabledReason={useWhyNot()("partner:write")}
            requests={[...requirementKinds.flatMap((kind) => askedOf(kind, requirements)), ...spans]}
            write={(answers) => writeTo("PUT", "/api/program-rules/requirements", { rules: requirementsIn(answers) })}
        >
            <p className="muted">
                {t("A longer period needs a second signature, because partners keep access that they would lose.")}
            </p>
        </FormDialog>
    )
}

export function ConsentDialog({ consent }: { consent: Rules["consent"] }) {
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Advance consent")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    name: "days",
                    label: t("Longest embargo under advance consent, in days"),
                    kind: "number",
                    initial: String(consent.longestEmbargoDays),
                    check: days,
                    hint: t("0: partners are asked about each case"),
                },
            ]}
            write={(answers) =>
                writeTo("PUT", "/api/program-rules/consent", { rules: { longestEmbargoDays: Number(answers["days"]) } })
            }
        >
            <p className="muted">{t("Applies to later agreements that do not state their own value.")}</p>
        </FormDialog>
    )
}

export function EmbargoDialog({ embargo }: { embargo: Rules["embargo"] }) {
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Length of embargoes")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    name: "days",
                    label: t("Longest embargo, in days from its agreement"),
                    kind: "number",
                    initial: String(embargo.daysMax),
                    check: days,
                    hint: t("1 to 365"),
                },
            ]}
            write={(answers) =>
                writeTo("PUT", "/api/program-rules/embargo", { rules: { daysMax: Number(answers["days"]) } })
            }
        >
            <p className="muted">
                {t("An embargo that is already longer continues. You can only move its end earlier.")}
            </p>
        </FormDialog>
    )
}

const groupFault = (value: string): string | null =>
    Number(value) >= groupMinLeast && Number(value) <= groupMinMax && /^\s*\d+\s*$/.test(value)
        ? null
        : t("a whole number from {least} to {most}", { least: groupMinLeast, most: groupMinMax })

export function AggregatesDialog({ aggregates }: { aggregates: Rules["aggregates"] }) {
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Aggregates for partners")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    name: "notified",
                    label: t("Show partners how many others reported"),
                    kind: "check",
                    initial: aggregates.notified ? "yes" : "",
                },
                {
                    name: "groupMin",
                    label: t("Smallest group, in partners"),
                    kind: "number",
                    initial: String(aggregates.groupMin),
                    check: groupFault,
                },
            ]}
            write={({ notified, groupMin }) =>
                writeTo("PUT", "/api/program-rules/aggregates", {
                    rules: { notified: notified === "yes", groupMin: Number(groupMin) },
                })
            }
        >
            <p className="muted">
                {t(
                    "Only these numbers show a partner that there are other partners. Starting it, or smaller groups, needs a second signature.",
                )}
            </p>
        </FormDialog>
    )
}

export function ReportingDialog({ reporting }: { reporting: Rules["reporting"] }) {
    const ask = (name: keyof Rules["reporting"], label: string, hint: string): Asked => ({
        name,
        label,
        kind: "number",
        initial: String(reporting[name]),
        check: days,
        hint,
    })
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Follow-ups after a wave")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                ask(
                    "days",
                    t("Days until a follow-up is due"),
                    t("0: none is owed, and what is not yet due ends; {most} at most", { most: reportingDaysMax }),
                ),
                ask(
                    "remindDays",
                    t("Reminder, in days before the due date"),
                    t("not more than the days until it is due"),
                ),
            ]}
            write={(answers) =>
                writeTo("PUT", "/api/program-rules/follow-ups", {
                    rules: { days: Number(answers["days"]), remindDays: Number(answers["remindDays"]) },
                })
            }
        >
            <p className="muted">
                {t(
                    "Each notified partner reports its protection status, and a sighting or a zero report. Open follow-ups keep their deadline.",
                )}
            </p>
        </FormDialog>
    )
}

export function TestingDialog({ testing }: { testing: Rules["testing"] }) {
    return (
        <FormDialog
            button={t("Change…")}
            title={t("Testers of guidance")}
            submit={t("Save as a new version")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    name: "tiers",
                    label: t("Tiers that report test results"),
                    kind: "choices",
                    from: choicesOf(tiers),
                    initial: testing.tiers.join("\n"),
                },
            ]}
            write={(answers) =>
                writeTo("PUT", "/api/program-rules/testers", {
                    rules: { tiers: tickedOf(tiers, answers, "tiers") },
                })
            }
        >
            <p className="muted">
                {t("They report on rules, guidance and indicators that they hold. This gives no partner more access.")}
            </p>
        </FormDialog>
    )
}
