/** One inquiry: hypotheses with evidence for and against each, its evidence, and its findings. */
import { Link } from "@tanstack/react-router"
import { type Hypothesis, validateWeight, weightOf } from "../../../../../server/src/trace/inquiries/inquiry.ts"
import { useLook, writeTo } from "../../api.ts"
import { type Asked, FormDialog, faultBy, ticked } from "../../../kit/form.tsx"
import { When, wordsOf } from "../../../kit/instant.tsx"
import { Failed, Loaded, isRefused } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Badge, Facts, Section, Table } from "../../../kit/table.tsx"
import { nameOfEvidence, useEvidence } from "../evidence/evidence-reads.ts"
import { Findings, Propose } from "./findings.tsx"
import type { PartProps } from "./inquiry-answers.ts"
import { membersHint, useMemberChoices } from "./inquiries.tsx"
import { CloseOrReopen, KeepOut, KeptOutTable, TurnsTable } from "./history.tsx"
import { useWhyNotChange } from "./why-not-change.ts"
import { AskPartner, Attestations, Questions } from "./questions.tsx"
import { PlanningSection } from "./planning.tsx"
import { MakeReport } from "./report.tsx"
import { TimingSection } from "./timing.tsx"
import { LeaksTogether } from "./combined-leaks.tsx"
import { useLoadingPeople, useNames } from "../../artifacts/viewer.tsx"
import { nameOr, stillLoading } from "../../../kit/text.ts"

export function InquiryScreen({ id }: { id: string }) {
    const inquiry = useLook(`/api/inquiries/${id}`)
    const names = useNames()
    const again = () => void inquiry.refetch()
    if (isRefused(inquiry.error)) {
        return (
            <Page title="Inquiry">
                <Failed error={inquiry.error} />
            </Page>
        )
    }
    return (
        <Loaded query={inquiry}>
            {(item) => (
                <Page
                    title={item.title}
                    tabTitle="Inquiry"
                    path={[{ to: "/leaks/inquiries", name: "Inquiries" }]}
                    lead="Confidential: only members see it."
                    aside={<Aside subject={item} onDone={again} />}
                >
                    <Section title="Subject">
                        <Facts
                            items={[
                                [
                                    "Case",
                                    <Link key="case" to={`/cases/${item.case}`}>
                                        {names.case(item.case)}
                                    </Link>,
                                ],
                                ["Opened", <When key="at" at={item.openedAt} />],
                                ["State", <Badge key="course">{item.status}</Badge>],
                                ["Members", item.members.map(names.person).join(", ")],
                                ["Evidence", <EvidenceLinks key="evidence" items={item.evidence} />],
                            ]}
                        />
                        {item.excluded.length > 0 && <KeptOutTable subject={item} />}
                        {item.history.length > 0 && <TurnsTable subject={item} />}
                    </Section>
                    <Section title="Hypotheses">
                        <Hypotheses subject={item} onDone={again} />
                    </Section>
                    <TimingSection
                        inquiry={id}
                        basis={[...item.evidence, ...item.hypotheses.map(weightOf)].join(" ")}
                    />
                    <LeaksTogether key={item.evidence.join(" ")} inquiry={id} />
                    <Section title="Questions to partners" aside={<AskPartner subject={item} onDone={again} />}>
                        <Questions subject={item} onDone={again} />
                        {item.attestations.length > 0 && <Attestations subject={item} />}
                    </Section>
                    <Section title="Findings" aside={<Propose subject={item} onDone={again} />}>
                        <Findings subject={item} onDone={again} />
                    </Section>
                    <PlanningSection key={item.status} subject={item} />
                </Page>
            )}
        </Loaded>
    )
}

function Aside(props: PartProps) {
    return (
        <span className="row">
            <AddTo {...props} />
            <KeepOut {...props} />
            <MakeReport inquiry={props.subject.id} />
            <CloseOrReopen {...props} />
        </span>
    )
}

function EvidenceLinks({ items }: { items: readonly string[] }) {
    const read = useEvidence()
    const evidences = read.data?.evidence ?? []
    if (items.length === 0) return "none yet"
    return (
        <span className="row">
            {items.map((id) => {
                const evidence = evidences.find((other) => other.id === id)
                const name = nameOr(evidence && nameOfEvidence(evidence), "evidence", read.isLoading)
                return evidence === undefined ? (
                    <span key={id}>{name}</span>
                ) : (
                    <Link key={id} to={`/leaks/evidence/${id}`}>
                        {name}
                    </Link>
                )
            })}
        </span>
    )
}

function AddTo({ subject, onDone }: PartProps) {
    const read = useEvidence()
    const loading = useLoadingPeople() ?? (read.isLoading ? stillLoading : null)
    const rest = (read.data?.evidence ?? []).filter(({ id }) => !subject.evidence.includes(id))
    const members = useMemberChoices([...subject.members, ...subject.excluded.map(({ person }) => person)])
    const none = loading ?? "everything and everybody is in already"
    const disabledReason = rest.length + members.length === 0 ? none : null
    const evidence: Asked = {
        name: "evidence",
        label: "Evidence",
        kind: "choices",
        from: rest.map((item) => ({
            value: item.id,
            name: `${nameOfEvidence(item)}, ${item.source}, ${wordsOf(item.observedAt)}`,
        })),
    }
    const people: Asked = {
        name: "members",
        label: "Members",
        kind: "choices",
        from: members,
        hint: membersHint,
    }
    return (
        <FormDialog
            button="Add…"
            title="Bring in evidence or members"
            submit="Bring in"
            disabledReason={useWhyNotChange(subject) ?? disabledReason}
            requests={[evidence, people].filter(({ from = [] }) => from.length > 0)}
            write={(answers) =>
                writeTo("POST", `/api/inquiries/${subject.id}/expand`, {
                    evidence: ticked(answers, "evidence"),
                    members: ticked(answers, "members"),
                })
            }
            onDone={onDone}
        />
    )
}

function Hypotheses({ subject, onDone }: PartProps) {
    return (
        <Table
            caption="Competing hypotheses"
            rows={subject.hypotheses}
            keyOf={(hypothesis) => hypothesis.key}
            columns={[
                { name: "Hypothesis", cell: (hypothesis) => <strong>{hypothesis.title}</strong> },
                { name: "Weight", cell: weightOf, end: true },
                { name: "For", cell: (hypothesis) => <Words id={hypothesis.for} /> },
                { name: "Against", cell: (hypothesis) => <Words id={hypothesis.against} /> },
                {
                    name: "Actions",
                    cell: (hypothesis) => <Weigh subject={subject} hypothesis={hypothesis} onDone={onDone} />,
                    end: true,
                },
            ]}
        />
    )
}

function Words({ id: subject }: { id: string }) {
    return subject === "" ? <span className="muted">nothing written</span> : <span className="letter">{subject}</span>
}

function Weigh({ subject, hypothesis, onDone }: PartProps & { hypothesis: Hypothesis }) {
    return (
        <FormDialog
            button="Weigh…"
            title={hypothesis.title}
            submit="Write it down"
            disabledReason={useWhyNotChange(subject)}
            requests={[
                {
                    name: "weight",
                    label: "Weight, from 0 to 100",
                    kind: "number",
                    initial: String(weightOf(hypothesis)),
                    hint: "how likely you hold it beside the others, before you look at the evidence; all have 10 at first",
                    check: (value) => faultBy(() => validateWeight(Number(value))),
                },
                { name: "for", label: "What speaks for it", kind: "text", optional: true, initial: hypothesis.for },
                {
                    name: "against",
                    label: "What speaks against it",
                    kind: "text",
                    optional: true,
                    initial: hypothesis.against,
                },
            ]}
            write={(answers) =>
                writeTo("PUT", `/api/inquiries/${subject.id}/hypotheses/${hypothesis.key}`, {
                    for: answers.for,
                    against: answers.against,
                    weight: Number(answers.weight),
                })
            }
            onDone={onDone}
        />
    )
}
