/** The findings of an inquiry: proposed by one member, read and signed by another, then confirmed. */
import { confidences } from "../../trace/inquiries/inquiry.ts"
import { Do } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty } from "../kit/notice.tsx"
import { Badge, Table } from "../kit/table.tsx"
import type { Agreement } from "./answers.ts"
import { SignDialog, TakeBack, useApprovals } from "./approvals.tsx"
import type { FindingRow, Opened, PartProps, QuestionRow } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./inquiry-why.ts"
import { TellGist } from "./inquiry-questions.tsx"
import { OpenProcedure } from "./opening.tsx"
import { useColleagues, useLoadingPeople, useMayRead, useMe, useNames, usePartners } from "./viewer.tsx"
import { approvalWords } from "./words.ts"

export function Findings({ of, onDone }: PartProps) {
    const names = useNames()
    if (of.findings.length === 0) return <Empty title="Nothing was concluded." />
    return (
        <Table
            caption="What was found, and how sure it is"
            rows={of.findings}
            keyOf={(one) => one.id}
            columns={[
                { name: "Finding", cell: (one) => <Said of={one} questions={of.questions} /> },
                { name: "Concerns", cell: (one) => (one.partner === null ? "no partner" : names.partner(one.partner)) },
                { name: "Confidence", cell: (one) => <Badge>{one.confidence}</Badge> },
                { name: "Proposed", cell: (one) => <When at={one.proposedAt} short /> },
                { name: "By", cell: (one) => names.person(one.proposedBy) },
                { name: "State", cell: (one) => <State of={of} finding={one} onDone={onDone} />, end: true },
            ]}
        />
    )
}

interface SaidProps {
    of: FindingRow
    questions: readonly QuestionRow[]
}

/** With what its partner says to it. */
function Said({ of: { id, conclusion, obligation, unheard }, questions }: SaidProps) {
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
            {unheard !== null && <span className="muted block">confirmed before an answer: {unheard}</span>}
        </>
    )
}

interface StateProps {
    of: Opened
    finding: FindingRow
    onDone: () => void
}

/** The look at the inquiry is not repeated by itself: how far the approval is, is read where all approvals are. */
function State({ of, finding, onDone }: StateProps) {
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find(({ id }) => id === finding.approval)
    if (finding.confirmedAt !== null) {
        return (
            <>
                <Badge tone="good">confirmed</Badge> <When at={finding.confirmedAt} short />
                {finding.obligation !== null && <OpenProcedure inquiry={of.id} finding={finding.id} />}
            </>
        )
    }
    const words = approvalWords[approval?.state ?? finding.state]
    const waits = approval?.state === "requested" || approval?.state === "signed"
    return (
        <span className="row end">
            <Badge tone={words.tone}>{words.name}</Badge>
            {waits && finding.partner !== null && (
                <TellGist of={of} finding={finding.id} partner={finding.partner} onDone={onDone} />
            )}
            {approval?.state === "requested" && (
                <>
                    <TakeBack of={approval} />
                    <SignDialog of={approval} />
                </>
            )}
            {approval?.state === "signed" && <Confirm of={of} finding={finding} onDone={onDone} />}
        </span>
    )
}

/** Where its partner may still answer, it is asked why that is not waited for. */
function Confirm({ of, finding, onDone }: StateProps) {
    const not = useWhyNotChange(of)
    const path = `/api/inquiries/${of.id}/confirm-finding`
    const isAwaited = of.questions.some((one) => one.finding === finding.id && one.state === "open")
    if (!isAwaited) {
        return (
            <Do look="main" not={not} write={{ method: "POST", path, body: { finding: finding.id } }} onDone={onDone}>
                Confirm
            </Do>
        )
    }
    return (
        <FormDialog
            button="Confirm…"
            title="Confirm before the partner has answered"
            submit="Confirm"
            not={not}
            asked={[{ name: "reason", label: "Why its answer is not waited for", kind: "text" }]}
            write={({ reason }) => ({ method: "POST", path, body: { finding: finding.id, reason } })}
            onDone={onDone}
        />
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
    const none = useLoadingPeople() ?? "no other member is an approver: bring one in first"
    const nobody = signers.length === 0 ? none : null
    return (
        <FormDialog
            button="Propose a finding…"
            title="Propose a finding"
            submit="Ask a second member to sign"
            not={useWhyNotChange(of) ?? nobody}
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
                path: `/api/inquiries/${of.id}/propose-finding`,
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
