/** The program rules: criteria of admission and tiers, grace periods, and advance consent. */
import type { ReactNode } from "react"
import { requirementKinds } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import { tiers } from "../../../../server/src/trust/partners/partner.ts"
import type { RulesKind } from "../../../../server/src/trust/partners/program-rules.ts"
import { useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Section, Table } from "../../kit/table.tsx"
import type { AllRules } from "../access/policy-answers.ts"
import {
    AdmissionDialog,
    AggregatesDialog,
    ConsentDialog,
    RequirementsDialog,
    EmbargoDialog,
    ReportingDialog,
    TestingDialog,
    TiersDialog,
} from "./program-rules-forms.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { conditionText } from "./condition-text.ts"
import { rich, t, valueText } from "../../messages/message.ts"

export function ProgramRulesScreen() {
    const rules = useRead("/api/program-rules")
    return (
        <Page
            title={t("Program rules")}
            lead={t("The rules that apply to all partners. Each change is a new version.")}
        >
            <Loaded query={rules}>
                {(found) => (
                    <>
                        <Admission subject={found.admission} />
                        <Tiers subject={found.tiers} />
                        <Testing subject={found.testing} />
                        <Requirements subject={found.requirements} />
                        <Reporting subject={found.reporting} />
                        <Consent subject={found.consent} />
                        <Embargo subject={found.embargo} />
                        <Aggregates subject={found.aggregates} />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

interface KindProps<Kind extends RulesKind> {
    subject: AllRules[Kind]
}

interface FramedProps {
    title: string
    subject: AllRules[RulesKind]
    dialog: ReactNode
    children: ReactNode
}

/** Shows which version is active and who wrote it. */
function Framed({ title, subject, dialog, children }: FramedProps) {
    const names = useNames()
    return (
        <Section title={title} aside={dialog}>
            {children}
            <p className="muted">
                {subject.version === 0
                    ? t("Default rules: no version was written yet.")
                    : rich("Version {version}, by {author}, {writtenAt}.", {
                          version: subject.version,
                          author: subject.by === null ? "Tocsin" : names.person(subject.by),
                          writtenAt: <When at={subject.at} short />,
                      })}
            </p>
        </Section>
    )
}

function Admission({ subject }: KindProps<"admission">) {
    return (
        <Framed
            title={t("Admission criteria")}
            subject={subject}
            dialog={<AdmissionDialog admission={subject.rules} />}
        >
            <Table
                caption={t("Criteria of admission")}
                rows={subject.rules.criteria}
                keyOf={({ id }) => id}
                dense
                columns={[
                    { name: t("Criterion"), cell: ({ text }) => text },
                    { name: t("Id"), cell: ({ id }) => <code className="code">{id}</code> },
                    { name: t("Required"), cell: ({ required }) => required && <Badge>{t("required")}</Badge> },
                    { name: t("Weight"), cell: ({ weight }) => weight, end: true },
                ]}
            />
        </Framed>
    )
}

function Tiers({ subject }: KindProps<"tiers">) {
    const list = tiers.toReversed().flatMap((tier) => subject.rules[tier].map((item) => ({ ...item, tier })))
    return (
        <Framed title={t("Tier criteria")} subject={subject} dialog={<TiersDialog tiers={subject.rules} />}>
            <Table
                caption={t("Criteria of the tiers")}
                rows={list}
                keyOf={({ tier, id }) => `${tier} ${id}`}
                dense
                columns={[
                    { name: t("Tier"), cell: ({ tier }) => <strong>{tierNames[tier]}</strong> },
                    { name: t("Criterion"), cell: ({ text }) => text },
                    { name: t("Condition"), cell: conditionText },
                ]}
            />
            <p className="caution">{t("Tocsin only proposes a tier. People decide.")}</p>
        </Framed>
    )
}

function Testing({ subject }: KindProps<"testing">) {
    const text = subject.rules.tiers.map((tier) => tierNames[tier]).join(", ")
    return (
        <Framed title={t("Testers of guidance")} subject={subject} dialog={<TestingDialog testing={subject.rules} />}>
            <Facts items={[[t("Tiers that report test results"), text === "" ? t("none") : text]]} />
        </Framed>
    )
}

const daysText = (days: number | string): string => t("{days} d", { days })

function Requirements({ subject }: KindProps<"requirements">) {
    return (
        <Framed
            title={t("Requirements and grace periods")}
            subject={subject}
            dialog={<RequirementsDialog requirements={subject.rules} />}
        >
            <Table
                caption={t("Grace periods and reminders")}
                rows={requirementKinds}
                keyOf={(kind) => kind}
                dense
                columns={[
                    { name: t("Requirement"), cell: (kind) => <strong>{valueText(kind)}</strong> },
                    { name: t("Grace period"), cell: (kind) => daysText(subject.rules.kinds[kind].graceDays) },
                    {
                        name: t("Reminders before content is withheld"),
                        cell: (kind) => daysText(subject.rules.kinds[kind].remindDays.join(", ")),
                    },
                ]}
            />
            <Facts
                items={[
                    [t("A mailbox verification is valid for"), daysText(subject.rules.mailboxEveryDays)],
                    [t("Notice period of a new agreement"), daysText(subject.rules.agreementNoticeDays)],
                    [t("A new key is usable for"), t("{days} d at most", { days: subject.rules.keyDaysMax })],
                ]}
            />
        </Framed>
    )
}

function Reporting({ subject }: KindProps<"reporting">) {
    const { days, remindDays } = subject.rules
    return (
        <Framed
            title={t("Follow-ups after a wave")}
            subject={subject}
            dialog={<ReportingDialog reporting={subject.rules} />}
        >
            <Facts
                items={[
                    [t("Due"), days === 0 ? t("never") : t("{days} d after the wave", { days })],
                    [
                        t("Reminders"),
                        days === 0 ? t("none") : t("{days} d before, and when it is overdue", { days: remindDays }),
                    ],
                ]}
            />
        </Framed>
    )
}

function Consent({ subject }: KindProps<"consent">) {
    const { longestEmbargoDays } = subject.rules
    const text =
        longestEmbargoDays === 0
            ? t("none: partners are asked about each case")
            : t("embargoes of {days} d at most", { days: longestEmbargoDays })
    return (
        <Framed title={t("Advance consent")} subject={subject} dialog={<ConsentDialog consent={subject.rules} />}>
            <Facts items={[[t("An accepted agreement consents to"), text]]} />
        </Framed>
    )
}

function Embargo({ subject }: KindProps<"embargo">) {
    return (
        <Framed title={t("Length of embargoes")} subject={subject} dialog={<EmbargoDialog embargo={subject.rules} />}>
            <Facts items={[[t("From agreement to end"), t("{days} d at most", { days: subject.rules.daysMax })]]} />
        </Framed>
    )
}

function Aggregates({ subject }: KindProps<"aggregates">) {
    const { notified: isNotified, groupMin } = subject.rules
    const text = isNotified ? t("in bands, for groups of {count} partners or more", { count: groupMin }) : t("no")
    return (
        <Framed
            title={t("Aggregates for partners")}
            subject={subject}
            dialog={<AggregatesDialog aggregates={subject.rules} />}
        >
            <Facts items={[[t("Partners see how many others reported"), text]]} />
        </Framed>
    )
}
