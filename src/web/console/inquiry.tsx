/** One inquiry: its rival explanations and what speaks for and against each, its evidence, and what was found. */
import { Link } from "@tanstack/react-router"
import { type Hypothesis, mustBeWeight, weightOf } from "../../trace/inquiries/inquiry.ts"
import { useLook } from "../kit/api.ts"
import { type Asked, FormDialog, faultBy, ticked } from "../kit/form.tsx"
import { When, wordsOf } from "../kit/instant.tsx"
import { Failed, Loaded, isRefused } from "../kit/notice.tsx"
import { Badge, Facts, Page, Section, Table } from "../kit/table.tsx"
import { nameOfEvidence, useEvidence } from "./evidence-reads.ts"
import { Findings, Propose } from "./findings.tsx"
import type { Opened, PartProps } from "./inquiry-answers.ts"
import { membersHint, useMemberChoices } from "./inquiries.tsx"
import { CloseOrReopen, KeepOut, KeptOutTable, TurnsTable } from "./inquiry-course.tsx"
import { useWhyNotChange } from "./inquiry-why.ts"
import { AskPartner, Attestations, Questions } from "./inquiry-questions.tsx"
import { PlanningSection } from "./inquiry-planning.tsx"
import { MakeReport } from "./inquiry-report.tsx"
import { TimingSection } from "./inquiry-timing.tsx"
import { LeaksTogether } from "./leaks-together.tsx"
import { useLoadingPeople, useNames } from "./viewer.tsx"
import { nameOr, stillLoading } from "../kit/words.ts"

export function InquiryScreen({ id }: { id: string }) {
    const inquiry = useLook<Opened>(`/api/inquiries/${id}`)
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
        <Loaded of={inquiry}>
            {(one) => (
                <Page title={one.title} kind="Inquiry · sealed" aside={<Aside of={one} onDone={again} />}>
                    <Section title="Subject">
                        <Facts
                            of={[
                                [
                                    "Case",
                                    <Link key="case" to={`/cases/${one.case}`}>
                                        {names.case(one.case)}
                                    </Link>,
                                ],
                                ["Opened", <When key="at" at={one.openedAt} />],
                                ["State", <Badge key="course">{one.course}</Badge>],
                                ["Members", one.members.map(names.person).join(", ")],
                                ["Evidence", <EvidenceLinks key="evidence" of={one.evidence} />],
                            ]}
                        />
                        {one.excluded.length > 0 && <KeptOutTable of={one} />}
                        {one.turns.length > 0 && <TurnsTable of={one} />}
                    </Section>
                    <Section title="Hypotheses">
                        <Hypotheses of={one} onDone={again} />
                    </Section>
                    <TimingSection inquiry={id} basis={[...one.evidence, ...one.hypotheses.map(weightOf)].join(" ")} />
                    <LeaksTogether key={one.evidence.join(" ")} inquiry={id} />
                    <Section title="Questions to partners" aside={<AskPartner of={one} onDone={again} />}>
                        <Questions of={one} onDone={again} />
                        {one.attestations.length > 0 && <Attestations of={one} />}
                    </Section>
                    <Section title="Findings" aside={<Propose of={one} onDone={again} />}>
                        <Findings of={one} onDone={again} />
                    </Section>
                    <PlanningSection key={one.course} of={one} />
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
            <MakeReport inquiry={props.of.id} />
            <CloseOrReopen {...props} />
        </span>
    )
}

function EvidenceLinks({ of }: { of: readonly string[] }) {
    const read = useEvidence()
    const all = read.data?.evidence ?? []
    if (of.length === 0) return "none yet"
    return (
        <span className="row">
            {of.map((id) => {
                const one = all.find((other) => other.id === id)
                const name = nameOr(one && nameOfEvidence(one), "evidence", read.isLoading)
                return one === undefined ? (
                    <span key={id}>{name}</span>
                ) : (
                    <Link key={id} to={`/evidence/${id}`}>
                        {name}
                    </Link>
                )
            })}
        </span>
    )
}

function AddTo({ of, onDone }: PartProps) {
    const read = useEvidence()
    const loading = useLoadingPeople() ?? (read.isLoading ? stillLoading : null)
    const rest = (read.data?.evidence ?? []).filter(({ id }) => !of.evidence.includes(id))
    const members = useMemberChoices([...of.members, ...of.excluded.map(({ person }) => person)])
    const none = loading ?? "everything and everybody is in already"
    const not = rest.length + members.length === 0 ? none : null
    const evidence: Asked = {
        name: "evidence",
        label: "Evidence",
        kind: "choices",
        from: rest.map((one) => ({
            value: one.id,
            name: `${nameOfEvidence(one)}, ${one.source}, ${wordsOf(one.seenAt)}`,
        })),
    }
    const people: Asked = {
        ...{ name: "members", label: "Members", kind: "choices", from: members, hint: membersHint },
    }
    return (
        <FormDialog
            button="Add…"
            title="Bring in evidence or members"
            submit="Bring in"
            not={useWhyNotChange(of) ?? not}
            asked={[evidence, people].filter(({ from = [] }) => from.length > 0)}
            write={(answers) => ({
                method: "POST",
                path: `/api/inquiries/${of.id}/expand`,
                body: { evidence: ticked(answers, "evidence"), members: ticked(answers, "members") },
            })}
            onDone={onDone}
        />
    )
}

function Hypotheses({ of, onDone }: PartProps) {
    return (
        <Table
            caption="Competing hypotheses"
            rows={of.hypotheses}
            keyOf={(one) => one.key}
            columns={[
                { name: "Hypothesis", cell: (one) => <strong>{one.title}</strong> },
                { name: "Weight", cell: weightOf, end: true },
                { name: "For", cell: (one) => <Words of={one.for} /> },
                { name: "Against", cell: (one) => <Words of={one.against} /> },
                { name: "Actions", cell: (one) => <Weigh of={of} one={one} onDone={onDone} />, end: true },
            ]}
        />
    )
}

function Words({ of }: { of: string }) {
    return of === "" ? <span className="muted">nothing written</span> : <span className="letter">{of}</span>
}

function Weigh({ of, one, onDone }: PartProps & { one: Hypothesis }) {
    return (
        <FormDialog
            button="Weigh…"
            title={one.title}
            submit="Write it down"
            not={useWhyNotChange(of)}
            asked={[
                {
                    ...{
                        name: "weight",
                        label: "Weight, from 0 to 100",
                        kind: "number",
                        initial: String(weightOf(one)),
                    },
                    hint: "how likely you hold it beside the others, before you look at the evidence; all have 10 at first",
                    check: (value) => faultBy(() => mustBeWeight(Number(value))),
                },
                { name: "for", label: "What speaks for it", kind: "text", optional: true, initial: one.for },
                {
                    name: "against",
                    label: "What speaks against it",
                    kind: "text",
                    optional: true,
                    initial: one.against,
                },
            ]}
            write={(answers) => ({
                method: "PUT",
                path: `/api/inquiries/${of.id}/hypotheses/${one.key}`,
                body: { for: answers.for, against: answers.against, weight: Number(answers.weight) },
            })}
            onDone={onDone}
        />
    )
}
