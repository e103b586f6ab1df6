/** One inquiry: its rival explanations and what speaks for and against each, its evidence, and what was found. */
import { Link } from "@tanstack/react-router"
import { type Finding, type Hypothesis, confidences } from "../../trace/inquiries/inquiry.ts"
import { useLook } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Page, Section, Table } from "../kit/table.tsx"
import { useEvidence } from "./evidence-reads.ts"
import type { InquiryRow } from "./inquiries.tsx"
import { useNames, usePartners, useWhyNot } from "./viewer.tsx"

type FindingRow = Omit<Finding, "proposedAt" | "confirmedAt"> & {
    readonly proposedAt: string
    readonly confirmedAt: string | null
}

interface Opened extends InquiryRow {
    readonly findings: readonly FindingRow[]
}

export function InquiryScreen({ id }: { id: string }) {
    const inquiry = useLook<Opened>(`/api/inquiries/${id}`)
    const names = useNames()
    const again = () => void inquiry.refetch()
    return (
        <Loaded of={inquiry}>
            {(one) => (
                <Page title={one.title} kind="Inquiry · sealed" aside={<AddTo of={one} onDone={again} />}>
                    <Section title="What it is about">
                        <Facts
                            of={[
                                [
                                    "Case",
                                    <Link key="case" to={`/cases/${one.case}`}>
                                        {names.case(one.case)}
                                    </Link>,
                                ],
                                ["Opened", <When key="at" at={one.openedAt} />],
                                ["Members", one.members.map(names.person).join(", ")],
                                ["Evidence", <EvidenceLinks key="evidence" of={one.evidence} />],
                            ]}
                        />
                    </Section>
                    <Section title="Explanations">
                        <Hypotheses of={one} onDone={again} />
                    </Section>
                    <Section title="Findings" aside={<Propose of={one} onDone={again} />}>
                        <Findings of={one} onDone={again} />
                    </Section>
                </Page>
            )}
        </Loaded>
    )
}

function EvidenceLinks({ of }: { of: readonly string[] }) {
    const all = useEvidence().data?.evidence ?? []
    if (of.length === 0) return "none yet"
    return (
        <span className="row">
            {of.map((id) => (
                <Link key={id} to={`/evidence/${id}`}>
                    {all.find((one) => one.id === id)?.name || "exploitation"}
                </Link>
            ))}
        </span>
    )
}

interface PartProps {
    of: Opened
    onDone: () => void
}

function AddTo({ of, onDone }: PartProps) {
    const rest = (useEvidence().data?.evidence ?? []).filter(({ id }) => !of.evidence.includes(id))
    return (
        <FormDialog
            button="Bring in…"
            title="Bring in evidence or a member"
            submit="Bring in"
            not={useWhyNot()("inquiry:write")}
            asked={[
                {
                    name: "evidence",
                    label: "Evidence",
                    kind: "choice",
                    optional: true,
                    from: rest.map(({ id, name, source }) => ({ value: id, name: name || source })),
                },
                { name: "member", label: "Member", kind: "line", optional: true, hint: "the person's id" },
            ]}
            write={({ evidence = "", member = "" }) => ({
                method: "POST",
                path: `/api/inquiries/${of.id}/additions`,
                body: { evidence: evidence === "" ? [] : [evidence], members: member === "" ? [] : [member.trim()] },
            })}
            onDone={onDone}
        />
    )
}

function Hypotheses({ of, onDone }: PartProps) {
    return (
        <Table
            caption="Rival explanations"
            rows={of.hypotheses}
            keyOf={(one) => one.key}
            columns={[
                { name: "Explanation", cell: (one) => <strong>{one.title}</strong> },
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
            not={useWhyNot()("inquiry:write")}
            asked={[
                { name: "for", label: "What speaks for it", kind: "text", optional: true, initial: one.for },
                {
                    name: "against",
                    label: "What speaks against it",
                    kind: "text",
                    optional: true,
                    initial: one.against,
                },
            ]}
            write={(body) => ({ method: "PUT", path: `/api/inquiries/${of.id}/hypotheses/${one.key}`, body })}
            onDone={onDone}
        />
    )
}

function Findings({ of, onDone }: PartProps) {
    const names = useNames()
    const not = useWhyNot()("inquiry:write")
    if (of.findings.length === 0) return <Empty title="Nothing was concluded." />
    const path = `/api/inquiries/${of.id}/finding/confirmation`
    return (
        <Table
            caption="Findings"
            rows={of.findings}
            keyOf={(one) => one.id}
            columns={[
                { name: "Finding", cell: (one) => one.conclusion },
                { name: "Concerns", cell: (one) => (one.partner === null ? "no partner" : names.partner(one.partner)) },
                { name: "Confidence", cell: (one) => <Badge>{one.confidence}</Badge> },
                { name: "Proposed", cell: (one) => <When at={one.proposedAt} short /> },
                {
                    name: "Confirmed",
                    cell: (one) =>
                        one.confirmedAt === null ? (
                            <Do not={not} write={{ method: "POST", path, body: { finding: one.id } }} onDone={onDone}>
                                Confirm the signed finding
                            </Do>
                        ) : (
                            <When at={one.confirmedAt} short />
                        ),
                    end: true,
                },
            ]}
        />
    )
}

function Propose({ of, onDone }: PartProps) {
    const partners = usePartners().data?.partners ?? []
    return (
        <FormDialog
            button="Propose a finding…"
            title="Propose a finding"
            submit="Ask a second member to sign"
            not={useWhyNot()("inquiry:write")}
            asked={[
                {
                    name: "partner",
                    label: "Concerns",
                    kind: "choice",
                    optional: true,
                    from: partners.map(({ id, name }) => ({ value: id, name })),
                },
                { name: "conclusion", label: "What was found", kind: "text" },
                {
                    name: "confidence",
                    label: "Confidence",
                    kind: "choice",
                    from: confidences.map((value) => ({ value, name: value })),
                },
                { name: "obligation", label: "Obligation that was breached", kind: "line", optional: true },
            ]}
            write={({ partner = "", conclusion, confidence, obligation = "" }) => ({
                method: "POST",
                path: `/api/inquiries/${of.id}/finding`,
                body: {
                    partner: partner === "" ? null : partner,
                    conclusion,
                    confidence,
                    obligation: obligation.trim() === "" ? null : obligation,
                },
            })}
            onDone={onDone}
        />
    )
}
