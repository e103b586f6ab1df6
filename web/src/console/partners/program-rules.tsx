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
    DuesDialog,
    EmbargoDialog,
    ReportingDialog,
    TestingDialog,
    TiersDialog,
} from "./program-rules-forms.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"

export function RulesScreen() {
    const rules = useRead("/api/program-rules")
    return (
        <Page title="Program rules" lead="Rules for all partners.">
            <Loaded query={rules}>
                {(found) => (
                    <>
                        <Admission subject={found.admission} />
                        <Tiers subject={found.tiers} />
                        <Testing subject={found.testing} />
                        <Dues subject={found.requirements} />
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

/** Shows which version is in force and who wrote it. */
function Framed({ title, subject, dialog, children }: FramedProps) {
    const names = useNames()
    return (
        <Section title={title} aside={dialog}>
            {children}
            <p className="muted">
                {subject.version === 0 ? (
                    "As shipped: the program has written no version of its own."
                ) : (
                    <>
                        Version {subject.version}, by {subject.by === null ? "the program" : names.person(subject.by)},{" "}
                        <When at={subject.at} short />.
                    </>
                )}
            </p>
        </Section>
    )
}

function Admission({ subject }: KindProps<"admission">) {
    return (
        <Framed title="What admission asks" subject={subject} dialog={<AdmissionDialog admission={subject.rules} />}>
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
        <Framed title="What each tier asks" subject={subject} dialog={<TiersDialog tiers={subject.rules} />}>
            <Table
                caption="Criteria of the tiers"
                rows={list}
                keyOf={({ tier, id }) => `${tier} ${id}`}
                columns={[
                    { name: "Tier", cell: ({ tier }) => <strong>{tierNames[tier]}</strong> },
                    { name: "Criterion", cell: ({ text }) => text },
                    { name: "Asks", cell: ({ fact, is, value }) => `${valueText(fact)} ${valueText(is)} ${value}` },
                ]}
            />
            <p className="caution">It only proposes, with everything that was looked at; persons set the tier.</p>
        </Framed>
    )
}

function Testing({ subject }: KindProps<"testing">) {
    const text = subject.rules.tiers.map((tier) => tierNames[tier]).join(", ")
    return (
        <Framed title="Who tests guidance" subject={subject} dialog={<TestingDialog testing={subject.rules} />}>
            <Facts items={[["Tiers that report what they found", text === "" ? "none" : text]]} />
        </Framed>
    )
}

function Dues({ subject }: KindProps<"requirements">) {
    return (
        <Framed
            title="Requirements and grace periods"
            subject={subject}
            dialog={<DuesDialog requirements={subject.rules} />}
        >
            <Table
                caption="Grace and reminders"
                rows={requirementKinds}
                keyOf={(kind) => kind}
                columns={[
                    { name: "Due", cell: (kind) => <strong>{valueText(kind)}</strong> },
                    { name: "Grace", cell: (kind) => `${subject.rules.kinds[kind].graceDays} d` },
                    {
                        name: "Reminded before content waits",
                        cell: (kind) => `${subject.rules.kinds[kind].remindDays.join(", ")} d`,
                    },
                ]}
            />
            <Facts
                items={[
                    ["A proof of the mailbox holds", `${subject.rules.mailboxEveryDays} d`],
                    ["Notice before a new agreement applies", `${subject.rules.agreementNoticeDays} d`],
                    ["A new key is sealed to for", `${subject.rules.keyDaysMax} d at most`],
                ]}
            />
        </Framed>
    )
}

function Reporting({ subject }: KindProps<"reporting">) {
    const { days, remindDays } = subject.rules
    return (
        <Framed title="Reports of cases" subject={subject} dialog={<ReportingDialog reporting={subject.rules} />}>
            <Facts
                items={[
                    ["Due", days === 0 ? "not at all" : `${days} d after a wave reached the partner`],
                    ["Reminded", days === 0 ? "never" : `${remindDays} d before, and once it is overdue`],
                ]}
            />
        </Framed>
    )
}

function Consent({ subject }: KindProps<"consent">) {
    const { longestEmbargoDays } = subject.rules
    const text = longestEmbargoDays === 0 ? "none: every case is asked about" : `${longestEmbargoDays} d at most`
    return (
        <Framed title="Consent by agreement" subject={subject} dialog={<ConsentDialog consent={subject.rules} />}>
            <Facts items={[["An accepted agreement consents to embargoes of", text]]} />
        </Framed>
    )
}

function Embargo({ subject }: KindProps<"embargo">) {
    return (
        <Framed title="Length of embargoes" subject={subject} dialog={<EmbargoDialog embargo={subject.rules} />}>
            <Facts
                items={[["From its agreement to its end, an embargo lasts", `${subject.rules.daysMax} d at most`]]}
            />
        </Framed>
    )
}

function Aggregates({ subject }: KindProps<"aggregates">) {
    const { notified: isNotified, groupMin } = subject.rules
    const text = isNotified ? `in bands, of ${groupMin} partners at least` : "no"
    return (
        <Framed
            title="What partners learn of others' reports"
            subject={subject}
            dialog={<AggregatesDialog aggregates={subject.rules} />}
        >
            <Facts items={[["They are told how many others reported what of a warning", text]]} />
        </Framed>
    )
}
