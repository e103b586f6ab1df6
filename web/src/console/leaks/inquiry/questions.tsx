/** Questions to partners in an inquiry, their answers and their attestations. */
import { Link } from "@tanstack/react-router"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { writeTo } from "../../api.ts"
import { answerDays } from "../../../../../server/src/trace/inquiries/question.ts"
import { Do } from "../../../kit/button.tsx"
import { FormDialog, type Asked } from "../../../kit/form.tsx"
import { When, distance } from "../../../kit/instant.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Badge, Section, Table } from "../../../kit/table.tsx"
import type { Opened, PartProps, QuestionRow } from "./inquiry-answers.ts"
import { useWhyNotChange } from "./why-not-change.ts"
import { useNames, useNow, usePartners, useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

export function QuestionsTab(props: PartProps) {
    const { questions, attestations } = props.subject
    return (
        <>
            <Section title={t("Questions to partners")} count={questions.length}>
                {questions.length === 0 ? (
                    <Empty title={t("No questions yet.")}>
                        {t("Ask a partner: its leads read the question and the deadline, and nothing else.")}
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
                    {rich(
                        "{kind, select, deletion {deletion} finding {finding summary} other {question}} to {partner}, answer until {deadline}",
                        {
                            kind: row.kind,
                            partner: <Link to={`/partners/${row.partner}`}>{names.partner(row.partner)}</Link>,
                            deadline: <When at={row.answerBy} short />,
                        },
                    )}
                </span>
                <Answer row={row} />
            </div>
            <Badge tone={isOpen ? "due" : row.state === "answered" ? "good" : "plain"}>
                {isOpen ? distance(parseInstant(row.answerBy), now) : valueText(row.state)}
            </Badge>
            {!isOpen && row.readAt === null && (
                <Do
                    disabledReason={disabledReason}
                    write={writeTo("POST", `/api/inquiries/${subject.id}/questions/${row.id}/mark-read`)}
                    onDone={onDone}
                >
                    {t("Mark as read")}
                </Do>
            )}
        </li>
    )
}

function Answer({ row: { answer, unreached } }: { row: QuestionRow }) {
    if (answer === null) {
        return unreached === 0 ? null : (
            <span>
                <Badge tone="bad">
                    {t("{unreached, plural, one {# lead} other {# leads}} not reached by mail", { unreached })}
                </Badge>
            </span>
        )
    }
    return (
        <blockquote className="letter">
            {answer.deleted !== null && (
                <Badge tone={answer.deleted ? "good" : "bad"}>{answer.deleted ? t("deleted") : t("not deleted")}</Badge>
            )}{" "}
            {answer.text} <When at={answer.at} short />
        </blockquote>
    )
}

export function AskPartner({ subject, onDone }: PartProps) {
    const from = (usePartners().data?.partners ?? []).map(({ id, name }) => ({ value: id, name }))
    return (
        <FormDialog
            button={t("Ask a partner…")}
            buttonLook="main"
            title={t("Ask a partner")}
            submit={t("Ask the partner")}
            disabledReason={useWhyNotChange(subject)}
            requests={[
                { name: "partner", label: t("Partner"), kind: "choice", from },
                {
                    name: "kind",
                    label: t("Request to the partner"),
                    kind: "choice",
                    from: [
                        { value: "question", name: t("answer a question") },
                        { value: "deletion", name: t("confirm that its copies are deleted") },
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
            button={t("Send finding summary…")}
            title={t("Send the finding summary to the partner")}
            submit={t("Send the summary")}
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
            {t(
                "The partner's leads read this text and the deadline. They do not see the inquiry, who asks, or who else is asked. Name no other partner.",
            )}
        </p>
    )
}

function useTextAndDeadline() {
    const usual = formatInstant(parseInstant(useNow()) + answerDays.usual * dayMs)
    return [
        { name: "text", label: t("Text for the partner"), kind: "text" },
        {
            name: "answerBy",
            label: t("Answer until"),
            kind: "instant",
            initial: usual,
            hint: t("{min} to {max} days from now", { min: answerDays.min, max: answerDays.max }),
            codes: ["question.bad_deadline"],
        },
    ] as const satisfies readonly Asked[]
}

const attestedNames: Readonly<Record<string, readonly [yes: string, no: string]>> = {
    recall: [t("its recalled copies are deleted"), ""],
    question: [t("its copies are deleted"), t("not all of its copies are deleted")],
    agreement: [t("it kept every obligation"), t("it did not keep an obligation")],
}

const attestedIn: Readonly<Record<string, string>> = {
    recall: t("a recall"),
    question: t("this inquiry"),
    agreement: t("the agreement"),
}

function Attestations({ subject }: { subject: Opened }) {
    const names = useNames()
    return (
        <Section title={t("Attestations")}>
            <Table
                caption={t("Attestations of partners")}
                rows={subject.attestations}
                keyOf={(item) => `${item.kind} ${item.about} ${item.partner}`}
                columns={[
                    { name: t("Partner"), cell: (item) => <strong>{names.partner(item.partner)}</strong> },
                    {
                        name: t("Attested"),
                        cell: (item) => attestedNames[item.kind]?.[item.affirmed ? 0 : 1] ?? valueText(item.kind),
                    },
                    { name: t("Requested by"), cell: (item) => attestedIn[item.kind] ?? valueText(item.kind) },
                    { name: t("Date"), cell: (item) => <When at={item.at} short />, end: true },
                ]}
            />
        </Section>
    )
}
