/** The findings of an inquiry: proposed by one member, read and signed by another, then confirmed. */
import { type Finding, confidences } from "../../trace/inquiries/inquiry.ts"
import { Do } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty } from "../kit/notice.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Agreement } from "./answers.ts"
import { SignDialog, TakeBack, useApprovals } from "./approvals.tsx"
import { OpenProcedure } from "./opening.tsx"
import type { InquiryRow } from "./inquiries.tsx"
import { useColleagues, useMayRead, useMe, useNames, usePartners, useWhyNot } from "./viewer.tsx"
import { approvalWords } from "./words.ts"

type FindingRow = Omit<Finding, "proposedAt" | "confirmedAt"> & {
    readonly proposedAt: string
    readonly confirmedAt: string | null
}

export interface Opened extends InquiryRow {
    readonly findings: readonly FindingRow[]
}

export interface PartProps {
    of: Opened
    onDone: () => void
}

export function Findings({ of, onDone }: PartProps) {
    const names = useNames()
    if (of.findings.length === 0) return <Empty title="Nothing was concluded." />
    return (
        <Table
            caption="What was found, and how sure it is"
            rows={of.findings}
            keyOf={(one) => one.id}
            columns={[
                { name: "Finding", cell: (one) => <Said of={one} /> },
                { name: "Concerns", cell: (one) => (one.partner === null ? "no partner" : names.partner(one.partner)) },
                { name: "Confidence", cell: (one) => <Badge>{one.confidence}</Badge> },
                { name: "Proposed", cell: (one) => <When at={one.proposedAt} short /> },
                { name: "By", cell: (one) => names.person(one.proposedBy) },
                { name: "State", cell: (one) => <State of={of.id} finding={one} onDone={onDone} />, end: true },
            ]}
        />
    )
}

function Said({ of: { conclusion, obligation } }: { of: FindingRow }) {
    return (
        <>
            <span className="letter">{conclusion}</span>
            {obligation !== null && (
                <span className="muted block">
                    breached: {obligation.id}, {obligation.text}
                </span>
            )}
        </>
    )
}

interface StateProps {
    of: string
    finding: FindingRow
    onDone: () => void
}

/** The look at the inquiry is not repeated by itself: how far the approval is, is read where all approvals are. */
function State({ of, finding, onDone }: StateProps) {
    const not = useWhyNot()("inquiry:write")
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find(({ id }) => id === finding.approval)
    if (finding.confirmedAt !== null) {
        return (
            <>
                <Badge tone="good">confirmed</Badge> <When at={finding.confirmedAt} short />
                {finding.obligation !== null && <OpenProcedure inquiry={of} finding={finding.id} />}
            </>
        )
    }
    const words = approvalWords[approval?.state ?? finding.state]
    const path = `/api/inquiries/${of}/finding/confirmation`
    return (
        <span className="row end">
            <Badge tone={words.tone}>{words.name}</Badge>
            {approval?.state === "requested" && (
                <>
                    <TakeBack of={approval} />
                    <SignDialog of={approval} />
                </>
            )}
            {approval?.state === "signed" && (
                <Do
                    look="main"
                    not={not}
                    write={{ method: "POST", path, body: { finding: finding.id } }}
                    onDone={onDone}
                >
                    Confirm
                </Do>
            )}
        </span>
    )
}

/** Of the newest agreement. */
function useObligations(): Agreement["obligations"] {
    const agreements = useMayRead<{ agreements: readonly Agreement[] }>("agreement:read", "/api/agreements").data
    return agreements?.agreements.at(-1)?.obligations ?? []
}

export function Propose({ of, onDone }: PartProps) {
    const partners = usePartners().data?.partners ?? []
    const me = useMe()
    const obligations = useObligations()
    const signers = useColleagues().filter(
        ({ id, left, roles }) => id !== me.id && !left && of.members.includes(id) && roles.includes("approver"),
    )
    const nobody = signers.length === 0 ? "no other member is an approver: bring one in first" : null
    return (
        <FormDialog
            button="Propose a finding…"
            title="Propose a finding"
            submit="Ask a second member to sign"
            not={useWhyNot()("inquiry:write") ?? nobody}
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
                {
                    name: "obligation",
                    label: "Obligation that was breached",
                    kind: "choice",
                    optional: true,
                    from: obligations.map(({ id, text }) => ({ value: id, name: `${id}: ${text}` })),
                    hint: "only where it concerns a partner, which has accepted it",
                },
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
