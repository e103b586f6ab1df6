/** The findings of an inquiry: one member proposes, another reads and signs the text, and then a member confirms. */
import { Link } from "@tanstack/react-router"
import { writeTo } from "../../api.ts"
import { type Confidence, confidences } from "../../../../../server/src/trace/inquiries/inquiry.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { Agreement, Approval } from "../../answers.ts"
import { TakeBack, useApprovals } from "../../release/approvals.tsx"
import { signApprovals } from "../../release/sign-approvals.ts"
import type { FindingRow, PartProps, QuestionRow } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { SendSummary } from "./questions.tsx"
import { OpenProcedure } from "../../measures/open-procedure.tsx"
import {
    useColleagues,
    useLoadingPeople,
    useMayRead,
    useMe,
    useNames,
    usePartners,
    useWhyNot,
} from "../../artifacts/viewer.tsx"
import { approvalWords } from "../../words.ts"
import { rich, t, valueText } from "../../../messages/message.ts"

export function FindingsTab(props: PartProps) {
    const { findings } = props.subject
    return (
        <Section title={t("Findings")} count={findings.length} aside={<Propose {...props} />}>
            {findings.length === 0 ? (
                <Empty title={t("No finding yet.")}>
                    {t("One member proposes a finding with its confidence. Another member signs the text.")}
                </Empty>
            ) : (
                <div className="panel">
                    {findings.map((finding) => (
                        <Finding key={finding.id} finding={finding} {...props} />
                    ))}
                </div>
            )}
        </Section>
    )
}

interface FindingProps extends PartProps {
    finding: FindingRow
}

/**
 * One finding. It does not reload the inquiry, because each view is recorded. The list of approvals has the progress.
 */
function Finding({ finding, ...props }: FindingProps) {
    const names = useNames()
    const { pending = [], recent = [] } = useApprovals().data ?? {}
    const approval = [...pending, ...recent].find(({ id }) => id === finding.approval)
    const state = approvalWords[approval?.state ?? finding.state]
    const answers = props.subject.questions.filter((question) => question.finding === finding.id)
    return (
        <article
            className="finding"
            aria-label={t("Finding: {conclusion}", { conclusion: finding.conclusion.slice(0, 60) })}
        >
            <header>
                {finding.confirmedAt === null ? (
                    <Badge tone={state.tone}>{state.name}</Badge>
                ) : (
                    <Badge tone="good">{t("confirmed")}</Badge>
                )}
                <b>
                    {finding.partner === null ? (
                        t("No partner")
                    ) : (
                        <Link to={`/partners/${finding.partner}`}>{names.partner(finding.partner)}</Link>
                    )}
                </b>
                <span className="muted">{confidenceText(finding.confidence)}</span>
            </header>
            <FindingText finding={finding} />
            {answers.map((question) => (
                <PartnerAnswer key={question.id} question={question} />
            ))}
            {finding.confirmedWithoutAnswer !== null && (
                <p className="muted">
                    {t("Confirmed without answer: {reason}", { reason: finding.confirmedWithoutAnswer })}
                </p>
            )}
            <Proposal finding={finding} />
            <div className="row end">
                <NextStep finding={finding} approval={approval} {...props} />
            </div>
        </article>
    )
}

const confidenceText = (confidence: Confidence): string =>
    t("{confidence, select, low {low confidence} moderate {moderate confidence} other {high confidence}}", {
        confidence,
    })

/** Shows the author of a finding, its date, and the date of its confirmation. */
function Proposal({ finding: { proposedBy, proposedAt, confirmedAt } }: { finding: FindingRow }) {
    const person = useNames().person(proposedBy)
    const proposed = <When at={proposedAt} short />
    return (
        <p className="muted small">
            {confirmedAt === null
                ? rich("Proposed by {person}, {proposed}", { person, proposed })
                : rich("Proposed by {person}, {proposed}. Signed by a second member, confirmed {confirmed}", {
                      person,
                      proposed,
                      confirmed: <When at={confirmedAt} short />,
                  })}
        </p>
    )
}

function FindingText({ finding: { conclusion, obligation } }: { finding: FindingRow }) {
    return (
        <>
            <p className="letter">{conclusion}</p>
            {obligation !== null && (
                <p className="obligation">
                    {rich("Breached: <b>{id}</b> {obligation}", {
                        id: obligation.id,
                        obligation: obligation.text,
                        b: (text) => <b>{text}</b>,
                    })}
                </p>
            )}
        </>
    )
}

function PartnerAnswer({ question: { state, answer, answerBy } }: { question: QuestionRow }) {
    if (answer !== null)
        return <blockquote className="letter">{t("The partner: {answer}", { answer: answer.text })}</blockquote>
    const values = { deadline: <When at={answerBy} short /> }
    return (
        <p className="muted">
            {state === "open"
                ? rich("The partner has the finding summary and can answer until {deadline}.", values)
                : rich("The partner has the finding summary. It gave no answer until {deadline}.", values)}
        </p>
    )
}

/** The actions on a finding: summary for the partner, signature, confirmation, then a procedure. */
function NextStep({ finding, approval, ...props }: FindingProps & { approval: Approval | undefined }) {
    if (finding.confirmedAt !== null) {
        return finding.obligation !== null && <OpenProcedure inquiry={props.subject.id} finding={finding.id} />
    }
    const isPending = approval?.state === "requested" || approval?.state === "signed"
    return (
        <>
            {isPending && finding.partner !== null && (
                <SendSummary {...props} finding={finding.id} partner={finding.partner} />
            )}
            {approval?.state === "requested" && (
                <>
                    <TakeBack approval={approval} />
                    <SignFinding finding={finding} approval={approval} />
                </>
            )}
            {approval?.state === "signed" && <Confirm finding={finding} {...props} />}
        </>
    )
}

/** Shows the whole text that the signature covers, and not only its hash. */
function SignFinding({ finding, approval }: { finding: FindingRow; approval: Approval }) {
    const me = useMe()
    const lacks = useWhyNot()("approval:sign")
    const other =
        approval.requestedBy.id === me.id
            ? t("the proposer cannot sign")
            : t("an author or a related person cannot sign")
    return (
        <Opens
            button={t("Sign…")}
            title={t("Sign the finding")}
            look="main"
            wide
            disabledReason={approval.maySign ? null : (lacks ?? other)}
            foot={(close) => (
                <Do look="main" write={signApprovals([approval], me.signsWithPasskeys)} onDone={close}>
                    {t("Sign as {name}", { name: me.name })}
                </Do>
            )}
        >
            {() => (
                <>
                    <SignedClaim finding={finding} />
                    <FindingText finding={finding} />
                    <p className="muted">{t("Hash of the text and its effects, recorded with your name:")}</p>
                    <code className="hash">{approval.effectsHash}</code>
                </>
            )}
        </Opens>
    )
}

function SignedClaim({ finding: { confidence, partner } }: { finding: FindingRow }) {
    const names = useNames()
    return (
        <p>
            {partner === null
                ? t(
                      "You sign this text with {confidence, select, low {low} moderate {moderate} other {high}} confidence. It concerns no partner. It finds where a copy came from, not who is guilty.",
                      { confidence },
                  )
                : rich(
                      "You sign this text with {confidence, select, low {low} moderate {moderate} other {high}} confidence. It concerns <b>{partner}</b>. It finds where a copy came from, not who is guilty.",
                      { confidence, partner: names.partner(partner), b: (text) => <b>{text}</b> },
                  )}
        </p>
    )
}

/** Confirms a finding. While the partner may still answer, it asks for a reason not to wait. */
function Confirm({ subject, finding, onDone }: FindingProps) {
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
                {t("Confirm")}
            </Do>
        )
    }
    return (
        <FormDialog
            button={t("Confirm…")}
            title={t("Confirm before the partner answers")}
            submit={t("Confirm")}
            disabledReason={disabledReason}
            requests={[{ name: "reason", label: t("Reason not to wait for the answer"), kind: "text" }]}
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

function Propose({ subject, onDone }: PartProps) {
    const partners = usePartners().data?.partners ?? []
    const me = useMe()
    const obligations = useObligations()
    const signers = useColleagues().filter(
        ({ id, left, roles }) => id !== me.id && !left && subject.members.includes(id) && roles.includes("approver"),
    )
    const loading = useLoadingPeople()
    const noSigner = signers.length === 0 ? (loading ?? t("no other member is an approver: add one first")) : null
    return (
        <FormDialog
            button={t("Propose a finding…")}
            title={t("Propose a finding")}
            submit={t("Request a second signature")}
            disabledReason={useWhyNotChange(subject) ?? noSigner}
            requests={[
                {
                    name: "partner",
                    label: t("Concerns"),
                    kind: "choice",
                    optional: true,
                    from: partners.map(({ id, name }) => ({ value: id, name })),
                },
                {
                    name: "conclusion",
                    label: t("Finding"),
                    kind: "text",
                    hint: t("what the evidence shows; an attribution identifies a copy, not a person"),
                },
                {
                    name: "confidence",
                    label: t("Confidence"),
                    kind: "choice",
                    from: confidences.map((value) => ({ value, name: valueText(value) })),
                },
                {
                    name: "obligation",
                    label: t("Breached obligation"),
                    kind: "choice",
                    optional: true,
                    from: obligations.map(({ id, text }) => ({ value: id, name: `${id}: ${text}` })),
                    hint: t("only if the finding concerns a partner that accepted it"),
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
