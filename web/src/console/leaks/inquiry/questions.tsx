/** Questions to partners in an inquiry, their answers and their attestations. */
import { Link } from "@tanstack/react-router"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { valueText } from "@tocsin/base/value-text"
import { writeTo } from "../../api.ts"
import { type QuestionKind, answerDays } from "../../../../../server/src/trace/inquiries/question.ts"
import { Do } from "../../../kit/button.tsx"
import { FormDialog, type Asked } from "../../../kit/form.tsx"
import { When, distance } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { Opened, PartProps, QuestionRow } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { useNames, useNow, usePartners, useWhyNot } from "../../artifacts/viewer.tsx"

const kindNames: Readonly<Record<QuestionKind, string>> = {
    question: "question",
    deletion: "deletion",
    finding: "finding summary",
}

export function QuestionsTab(props: PartProps) {
    const { questions, attestations } = props.subject
    return (
        <>
            <Section title="Questions to partners" count={questions.length}>
                {questions.length === 0 ? (
                    <Empty title="No questions yet.">
                        Ask a partner: its leads read the question and the deadline, and nothing else.
                    </Empty>
                ) : (
                    <ul className="panel list">
                        {questions.map((row) => (
                            <Question key={row.id} row={row} {...props} />
                        ))}
                    </ul>
                )}
            </Section>
            {attestations.length > 0 && <Attestations subject={props.subject} />}
        </>
    )
}

function Question({ row, subject, onDone }: PartProps & { row: QuestionRow }) {
    const names = useNames()
    const disabledReason = useWhyNot()("inquiry:read")
    const now = parseInstant(useNow())
    const isOpen = row.state === "open"
    return (
        <li>
            <div className="grow stack">
                <span className="title letter">{row.text}</span>
                <span className="why">
                    {kindNames[row.kind]} to <Link to={`/partners/${row.partner}`}>{names.partner(row.partner)}</Link>,
                    answer until <When at={row.answerBy} short />
                </span>
                <Answer row={row} />
            </div>
            <Badge tone={isOpen ? "due" : row.state === "answered" ? "good" : "plain"}>
                {isOpen ? distance(parseInstant(row.answerBy), now) : row.state}
            </Badge>
            {!isOpen && row.readAt === null && (
                <Do
                    disabledReason={disabledReason}
                    write={writeTo("POST", `/api/inquiries/${subject.id}/questions/${row.id}/mark-read`)}
                    onDone={onDone}
                >
                    Mark as read
                </Do>
            )}
        </li>
    )
}

function Answer({ row: { answer, unreached } }: { row: QuestionRow }) {
    if (answer === null) {
        return unreached === 0 ? null : (
            <span>
                <Badge tone="bad">{unreached === 1 ? "1 lead" : `${unreached} leads`} not reached by mail</Badge>
            </span>
        )
    }
    return (
        <blockquote className="letter">
            {answer.deleted !== null && (
                <Badge tone={answer.deleted ? "good" : "bad"}>{answer.deleted ? "deleted" : "not deleted"}</Badge>
            )}{" "}
            {answer.text} <When at={answer.at} short />
        </blockquote>
    )
}

export function AskPartner({ subject, onDone }: PartProps) {
    const from = (usePartners().data?.partners ?? []).map(({ id, name }) => ({ value: id, name }))
    return (
        <FormDialog
            button="Ask a partner…"
            buttonLook="main"
            title="Ask a partner"
            submit="Ask the partner"
            disabledReason={useWhyNotChange(subject)}
            requests={[
                { name: "partner", label: "Partner", kind: "choice", from },
                {
                    name: "kind",
                    label: "Request",
                    kind: "choice",
                    from: [
                        { value: "question", name: "answer a question" },
                        { value: "deletion", name: "confirm that its copies are deleted" },
                    ],
                },
                ...useTextAndDeadline(),
            ]}
            write={(body) => writeTo("POST", `/api/inquiries/${subject.id}/questions`, body)}
            onDone={onDone}
        >
            <WhatLeadsRead />
        </FormDialog>
    )
}

export function SendSummary({ subject, finding, partner, onDone }: PartProps & { finding: string; partner: string }) {
    return (
        <FormDialog
            button="Send finding summary…"
            title="Send the finding summary to the partner"
            submit="Send the summary"
            disabledReason={useWhyNotChange(subject)}
            requests={useTextAndDeadline()}
            write={(answers) =>
                writeTo("POST", `/api/inquiries/${subject.id}/questions`, {
                    kind: "finding",
                    finding,
                    partner,
                    ...answers,
                })
            }
            onDone={onDone}
        >
            <WhatLeadsRead />
        </FormDialog>
    )
}

function WhatLeadsRead() {
    return (
        <p className="muted">
            The partner&apos;s leads read this text and the deadline. They do not see the inquiry, who asks, or who else
            is asked. Name no other partner.
        </p>
    )
}

function useTextAndDeadline() {
    const usual = formatInstant(parseInstant(useNow()) + answerDays.usual * dayMs)
    return [
        { name: "text", label: "Text for the partner", kind: "text" },
        {
            name: "answerBy",
            label: "Answer until",
            kind: "instant",
            initial: usual,
            hint: `${answerDays.min} to ${answerDays.max} days from now`,
            codes: ["question.bad_deadline"],
        },
    ] as const satisfies readonly Asked[]
}

const attestedNames: Readonly<Record<string, readonly [yes: string, no: string]>> = {
    recall: ["its recalled copies are deleted", ""],
    question: ["its copies are deleted", "not all of its copies are deleted"],
    agreement: ["it kept every obligation", "it did not keep an obligation"],
}

const attestedIn: Readonly<Record<string, string>> = {
    recall: "a recall",
    question: "this inquiry",
    agreement: "the agreement",
}

function Attestations({ subject }: { subject: Opened }) {
    const names = useNames()
    return (
        <Section title="Attestations">
            <Table
                caption="Attestations of partners"
                rows={subject.attestations}
                keyOf={(item) => `${item.kind} ${item.about} ${item.partner}`}
                columns={[
                    { name: "Partner", cell: (item) => <strong>{names.partner(item.partner)}</strong> },
                    {
                        name: "Attested",
                        cell: (item) => attestedNames[item.kind]?.[item.affirmed ? 0 : 1] ?? valueText(item.kind),
                    },
                    { name: "Requested by", cell: (item) => attestedIn[item.kind] ?? valueText(item.kind) },
                    { name: "Date", cell: (item) => <When at={item.at} short />, end: true },
                ]}
            />
        </Section>
    )
}
