/** The program's rules about partners: what admission and each tier ask, what grace there is, what is consented to. */
import type { ReactNode } from "react"
import { dueKinds } from "../../trust/partners/dues.ts"
import { tiers } from "../../trust/partners/partner.ts"
import type { RulesKind } from "../../trust/partners/rules.ts"
import { useRead } from "../kit/api.ts"
import { When } from "../kit/instant.tsx"
import { Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Page, Section, Table } from "../kit/table.tsx"
import type { AllRules } from "./circle-answers.ts"
import {
    AdmissionDialog,
    AggregatesDialog,
    ConsentDialog,
    DuesDialog,
    EmbargoDialog,
    ReportingDialog,
    TestingDialog,
    TiersDialog,
} from "./rules-forms.tsx"
import { useNames } from "./viewer.tsx"
import { tierNames } from "./words.ts"

export function RulesScreen() {
    const rules = useRead<AllRules>("/api/program-rules")
    return (
        <Page title="Program rules" kind="About partners">
            <Loaded of={rules}>
                {(found) => (
                    <>
                        <Admission of={found.admission} />
                        <Tiers of={found.tiers} />
                        <Testing of={found.testing} />
                        <Dues of={found.dues} />
                        <Reporting of={found.reporting} />
                        <Consent of={found.consent} />
                        <Embargo of={found.embargo} />
                        <Aggregates of={found.aggregates} />
                    </>
                )}
            </Loaded>
        </Page>
    )
}

interface KindProps<Kind extends RulesKind> {
    of: AllRules[Kind]
}

interface FramedProps {
    title: string
    of: AllRules[RulesKind]
    dialog: ReactNode
    children: ReactNode
}

/** Which version holds, and who wrote it. */
function Framed({ title, of, dialog, children }: FramedProps) {
    const names = useNames()
    return (
        <Section title={title} aside={dialog}>
            {children}
            <p className="muted">
                {of.version === 0 ? (
                    "As shipped: the program has written no version of its own."
                ) : (
                    <>
                        Version {of.version}, by {of.by === null ? "the program" : names.person(of.by)},{" "}
                        <When at={of.at} short />.
                    </>
                )}
            </p>
        </Section>
    )
}

function Admission({ of }: KindProps<"admission">) {
    return (
        <Framed title="What admission asks" of={of} dialog={<AdmissionDialog of={of.rules} />}>
            <Table
                caption="Criteria of admission"
                rows={of.rules.criteria}
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

function Tiers({ of }: KindProps<"tiers">) {
    const all = tiers.toReversed().flatMap((tier) => of.rules[tier].map((one) => ({ ...one, tier })))
    return (
        <Framed title="What each tier asks" of={of} dialog={<TiersDialog of={of.rules} />}>
            <Table
                caption="Criteria of the tiers"
                rows={all}
                keyOf={({ tier, id }) => `${tier} ${id}`}
                columns={[
                    { name: "Tier", cell: ({ tier }) => <strong>{tierNames[tier]}</strong> },
                    { name: "Criterion", cell: ({ text }) => text },
                    { name: "Asks", cell: ({ fact, is, value }) => `${fact} ${is} ${value}` },
                ]}
            />
            <p className="caution">It only proposes, with everything that was looked at; persons set the tier.</p>
        </Framed>
    )
}

function Testing({ of }: KindProps<"testing">) {
    const words = of.rules.tiers.map((tier) => tierNames[tier]).join(", ")
    return (
        <Framed title="Who tests guidance" of={of} dialog={<TestingDialog of={of.rules} />}>
            <Facts of={[["Tiers that report what they found", words === "" ? "none" : words]]} />
        </Framed>
    )
}

function Dues({ of }: KindProps<"dues">) {
    return (
        <Framed title="Requirements and grace periods" of={of} dialog={<DuesDialog of={of.rules} />}>
            <Table
                caption="Grace and reminders"
                rows={dueKinds}
                keyOf={(kind) => kind}
                columns={[
                    { name: "Due", cell: (kind) => <strong>{kind}</strong> },
                    { name: "Grace", cell: (kind) => `${of.rules.kinds[kind].graceDays} d` },
                    {
                        name: "Reminded before content waits",
                        cell: (kind) => `${of.rules.kinds[kind].remindDays.join(", ")} d`,
                    },
                ]}
            />
            <Facts
                of={[
                    ["A proof of the mailbox holds", `${of.rules.mailboxEveryDays} d`],
                    ["Notice before a new agreement applies", `${of.rules.agreementNoticeDays} d`],
                    ["A new key is sealed to for", `${of.rules.keyDaysMax} d at most`],
                ]}
            />
        </Framed>
    )
}

function Reporting({ of }: KindProps<"reporting">) {
    const { days, remindDays } = of.rules
    return (
        <Framed title="Reports of cases" of={of} dialog={<ReportingDialog of={of.rules} />}>
            <Facts
                of={[
                    ["Due", days === 0 ? "not at all" : `${days} d after a wave reached the partner`],
                    ["Reminded", days === 0 ? "never" : `${remindDays} d before, and once it is overdue`],
                ]}
            />
        </Framed>
    )
}

function Consent({ of }: KindProps<"consent">) {
    const { longestEmbargoDays } = of.rules
    const words = longestEmbargoDays === 0 ? "none: every case is asked about" : `${longestEmbargoDays} d at most`
    return (
        <Framed title="Consent by agreement" of={of} dialog={<ConsentDialog of={of.rules} />}>
            <Facts of={[["An accepted agreement consents to embargoes of", words]]} />
        </Framed>
    )
}

function Embargo({ of }: KindProps<"embargo">) {
    return (
        <Framed title="Length of embargoes" of={of} dialog={<EmbargoDialog of={of.rules} />}>
            <Facts of={[["From its agreement to its end, an embargo lasts", `${of.rules.daysMax} d at most`]]} />
        </Framed>
    )
}

function Aggregates({ of }: KindProps<"aggregates">) {
    const { told, groupMin } = of.rules
    const words = told ? `in bands, of ${groupMin} partners at least` : "no"
    return (
        <Framed title="What partners learn of others' reports" of={of} dialog={<AggregatesDialog of={of.rules} />}>
            <Facts of={[["They are told how many others reported what of a warning", words]]} />
        </Framed>
    )
}
