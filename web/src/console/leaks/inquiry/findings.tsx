/** The findings of an inquiry: one member proposes, another reads and signs, and then a member confirms. */
import { writeTo } from "../../api.ts"
import { confidences } from "../../../../../server/src/trace/inquiries/inquiry.ts"
import { Do } from "../../../kit/button.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Table } from "../../../kit/table.tsx"
import type { Agreement } from "../../answers.ts"
import { SignDialog, TakeBack, useApprovals } from "../../release/approvals.tsx"
import type { FindingRow, Opened, PartProps, QuestionRow } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { TellGist } from "./questions.tsx"
import { OpenProcedure } from "../../measures/open-procedure.tsx"
import { useColleagues, useLoadingPeople, useMayRead, useMe, useNames, usePartners } from "../../artifacts/viewer.tsx"
import { approvalWords } from "../../words.ts"

export function Findings({ subject, onDone }: PartProps) {
    const names = useNames()
    if (subject.findings.length === 0) return <Empty title="Nothing was concluded." />
    return (
        <Table
            caption="What was found, and how sure it is"
            rows={subject.findings}
            keyOf={(row) => row.id}
            columns={[
                { name: "Finding", cell: (row) => <Said row={row} questions={subject.questions} /> },
                { name: "Concerns", cell: (row) => (row.partner === null ? "no partner" : names.partner(row.partner)) },
                { name: "Confidence", cell: (row) => <Badge>{row.confidence}</Badge> },
                { name: "Proposed", cell: (row) => <When at={row.proposedAt} short /> },
                { name: "By", cell: (row) => names.person(row.proposedBy) },
                { name: "State", cell: (row) => <State subject={subject} finding={row} onDone={onDone} />, end: true },
            ]}
        />
    )
}

interface SaidProps {
    row: FindingRow
    questions: readonly QuestionRow[]
}

/** Shows a finding with the partner's answer. */
function Said({ row: { id, conclusion, obligation, confirmedWithoutAnswer }, questions }: SaidProps) {
    return (
        <>
            <span className="letter">{conclusion}</span>
            {obligation !== null && (
                <span className="muted block">
                    breached: {obligation.id}, {obligation.text}
                </span>
            )}
            {questions
                .filter(({ finding }) => finding === id)
                .map(({ id: question, state, answer, answerBy }) => (
                    <span key={question} className="block">
                        {answer === null ? (
                            <span className="muted">
                                the partner was told its gist:{" "}
                                {state === "open" ? "it may answer until" : "no answer until"}{" "}
                                <When at={answerBy} short />
                            </span>
                        ) : (
                            <span className="letter">The partner: {answer.text}</span>
                        )}
                    </span>
                ))}
            {confirmedWithoutAnswer !== null && (
                <span className="muted block">confirmed before an answer: {confirmedWithoutAnswer}</span>
            )}
        </>
    )
}

interface StateProps {
    subject: Opened
    finding: FindingRow
    onDone: () => void
}

/**
 * The state of a finding. It does not reload the inquiry, because each view is recorded. The list of approvals has the
 * progress.
 */
function State({ subject, finding, onDone }: StateProps) {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find(({ id }) => id === finding.approval)
    if (finding.confirmedAt !== null) {
        return (
            <>
                <Badge tone="good">confirmed</Badge> <When at={finding.confirmedAt} short />
                {finding.obligation !== null && <OpenProcedure inquiry={subject.id} finding={finding.id} />}
            </>
        )
    }
    const words = approvalWords[approval?.state ?? finding.state]
    const waits = approval?.state === "requested" || approval?.state === "signed"
    return (
        <span className="row end">
            <Badge tone={words.tone}>{words.name}</Badge>
            {waits && finding.partner !== null && (
                <TellGist subject={subject} finding={finding.id} partner={finding.partner} onDone={onDone} />
            )}
            {approval?.state === "requested" && (
                <>
                    <TakeBack approval={approval} />
                    <SignDialog approval={approval} />
                </>
            )}
            {approval?.state === "signed" && <Confirm subject={subject} finding={finding} onDone={onDone} />}
        </span>
    )
}

/** Confirms a finding. While the partner may still answer, it asks for a reason not to wait. */
function Confirm({ subject, finding, onDone }: StateProps) {
    const disabledReason = useWhyNotChange(subject)
    const path = `/api/inquiries/${subject.id}/confirm-finding` as const
    const isAwaited = subject.questions.some((question) => question.finding === finding.id && question.state === "open")
    if (!isAwaited) {
        return (
            <Do
                look="main"
                disabledReason={disabledReason}
                write={writeTo("POST", path, { finding: finding.id })}
                onDone={onDone}
            >
                Confirm
            </Do>
        )
    }
    return (
        <FormDialog
            button="Confirm…"
            title="Confirm before the partner has answered"
            submit="Confirm"
            disabledReason={disabledReason}
            requests={[{ name: "reason", label: "Why its answer is not waited for", kind: "text" }]}
            write={({ reason }) => writeTo("POST", path, { finding: finding.id, reason })}
            onDone={onDone}
        />
    )
}

/** The obligations of the newest agreement. */
function useObligations(): Agreement["obligations"] {
    const agreements = useMayRead("agreement:read", "/api/agreements").data
    return agreements?.agreements.at(-1)?.obligations ?? []
}

export function Propose({ subject, onDone }: PartProps) {
    const partners = usePartners().data?.partners ?? []
    const me = useMe()
    const obligations = useObligations()
    const signers = useColleagues().filter(
        ({ id, left, roles }) => id !== me.id && !left && subject.members.includes(id) && roles.includes("approver"),
    )
    const none = useLoadingPeople() ?? "no other member is an approver: bring one in first"
    const nobody = signers.length === 0 ? none : null
    return (
        <FormDialog
            button="Propose a finding…"
            title="Propose a finding"
            submit="Ask a second member to sign"
            disabledReason={useWhyNotChange(subject) ?? nobody}
            requests={[
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
            write={({ partner, conclusion, confidence, obligation }) =>
                writeTo("POST", `/api/inquiries/${subject.id}/propose-finding`, {
                    partner: partner === "" ? null : partner,
                    conclusion,
                    confidence,
                    obligation: obligation.trim() === "" ? null : obligation,
                })
            }
            onDone={onDone}
        />
    )
}
