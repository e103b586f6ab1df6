/** The program rules: criteria of admission and tiers, grace periods, and advance consent. */
import { valueText } from "@tocsin/base/value-text"
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

export function ProgramRulesScreen() {
    const rules = useRead("/api/program-rules")
    return (
        <Page title="Program rules" lead="The rules that apply to all partners. Each change is a new version.">
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
                {subject.version === 0 ? (
                    "Default rules: no version was written yet."
                ) : (
                    <>
                        Version {subject.version}, by {subject.by === null ? "Tocsin" : names.person(subject.by)},{" "}
                        <When at={subject.at} short />.
                    </>
                )}
            </p>
        </Section>
    )
}

function Admission({ subject }: KindProps<"admission">) {
    return (
        <Framed title="Admission criteria" subject={subject} dialog={<AdmissionDialog admission={subject.rules} />}>
            <Table
                caption="Criteria of admission"
                rows={subject.rules.criteria}
                keyOf={({ id }) => id}
                columns={[
                    { name: "Criterion", cell: ({ text }) => text },
                    { name: "Id", cell: ({ id }) => <code className="code">{id}</code> },
                    { name: "Required", cell: ({ required }) => required && <Badge>required</Badge> },
                    { name: "Weight", cell: ({ weight }) => weight, end: true },
                ]}
            />
        </Framed>
    )
}

function Tiers({ subject }: KindProps<"tiers">) {
    const list = tiers.toReversed().flatMap((tier) => subject.rules[tier].map((item) => ({ ...item, tier })))
    return (
        <Framed title="Tier criteria" subject={subject} dialog={<TiersDialog tiers={subject.rules} />}>
            <Table
                caption="Criteria of the tiers"
                rows={list}
                keyOf={({ tier, id }) => `${tier} ${id}`}
                columns={[
                    { name: "Tier", cell: ({ tier }) => <strong>{tierNames[tier]}</strong> },
                    { name: "Criterion", cell: ({ text }) => text },
                    {
                        name: "Condition",
                        cell: ({ fact, is, value }) => `${valueText(fact)} ${valueText(is)} ${value}`,
                    },
                ]}
            />
            <p className="caution">Tocsin only proposes a tier. People decide.</p>
        </Framed>
    )
}

function Testing({ subject }: KindProps<"testing">) {
    const text = subject.rules.tiers.map((tier) => tierNames[tier]).join(", ")
    return (
        <Framed title="Testers of guidance" subject={subject} dialog={<TestingDialog testing={subject.rules} />}>
            <Facts items={[["Tiers that report test results", text === "" ? "none" : text]]} />
        </Framed>
    )
}

function Requirements({ subject }: KindProps<"requirements">) {
    return (
        <Framed
            title="Requirements and grace periods"
            subject={subject}
            dialog={<RequirementsDialog requirements={subject.rules} />}
        >
            <Table
                caption="Grace periods and reminders"
                rows={requirementKinds}
                keyOf={(kind) => kind}
                columns={[
                    { name: "Requirement", cell: (kind) => <strong>{valueText(kind)}</strong> },
                    { name: "Grace period", cell: (kind) => `${subject.rules.kinds[kind].graceDays} d` },
                    {
                        name: "Reminders before content is withheld",
                        cell: (kind) => `${subject.rules.kinds[kind].remindDays.join(", ")} d`,
                    },
                ]}
            />
            <Facts
                items={[
                    ["A mailbox verification is valid for", `${subject.rules.mailboxEveryDays} d`],
                    ["Notice period of a new agreement", `${subject.rules.agreementNoticeDays} d`],
                    ["A new key is usable for", `${subject.rules.keyDaysMax} d at most`],
                ]}
            />
        </Framed>
    )
}

function Reporting({ subject }: KindProps<"reporting">) {
    const { days, remindDays } = subject.rules
    return (
        <Framed
            title="Follow-ups after a wave"
            subject={subject}
            dialog={<ReportingDialog reporting={subject.rules} />}
        >
            <Facts
                items={[
                    ["Due", days === 0 ? "never" : `${days} d after the wave`],
                    ["Reminders", days === 0 ? "none" : `${remindDays} d before, and when it is overdue`],
                ]}
            />
        </Framed>
    )
}

function Consent({ subject }: KindProps<"consent">) {
    const { longestEmbargoDays } = subject.rules
    const text =
        longestEmbargoDays === 0
            ? "none: partners are asked about each case"
            : `embargoes of ${longestEmbargoDays} d at most`
    return (
        <Framed title="Advance consent" subject={subject} dialog={<ConsentDialog consent={subject.rules} />}>
            <Facts items={[["An accepted agreement consents to", text]]} />
        </Framed>
    )
}

function Embargo({ subject }: KindProps<"embargo">) {
    return (
        <Framed title="Length of embargoes" subject={subject} dialog={<EmbargoDialog embargo={subject.rules} />}>
            <Facts items={[["From agreement to end", `${subject.rules.daysMax} d at most`]]} />
        </Framed>
    )
}

function Aggregates({ subject }: KindProps<"aggregates">) {
    const { notified: isNotified, groupMin } = subject.rules
    const text = isNotified ? `in bands, for groups of ${groupMin} partners or more` : "no"
    return (
        <Framed
            title="Aggregates for partners"
            subject={subject}
            dialog={<AggregatesDialog aggregates={subject.rules} />}
        >
            <Facts items={[["Partners see how many others reported", text]]} />
        </Framed>
    )
}
