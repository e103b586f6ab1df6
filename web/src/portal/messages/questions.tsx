/** Questions of the operator to this partner, and one answer by a lead to each. */
import { useState } from "react"
import type { QuestionKind } from "../../../../server/src/trace/inquiries/question.ts"
import { writeTo } from "../api.ts"
import { AskForm } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge } from "../../kit/table.tsx"
import type { InquiryQuestion } from "../answers.ts"
import { useInquiryQuestions, useMe } from "../viewer.ts"
import { Sent } from "./letters.tsx"
import { MessageList } from "./message-list.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

const titles: Readonly<Record<QuestionKind, string>> = {
    question: t("Question of the operator"),
    deletion: t("Did you delete all copies?"),
    finding: t("Finding summary for your answer"),
}

export function Questions() {
    const questions = useInquiryQuestions()
    return (
        <Page
            title={t("Messages")}
            tabTitle={t("Questions")}
            lead={t("Only leads see questions. Each takes one answer.")}
        >
            <Loaded query={questions}>
                {({ questions }) =>
                    questions.length === 0 ? (
                        <Empty title={t("No questions yet.")}>
                            {t("Questions of the operator to your organisation appear here, whatever your status is.")}
                        </Empty>
                    ) : (
                        <QuestionList questions={questions} />
                    )
                }
            </Loaded>
        </Page>
    )
}

function QuestionList({ questions }: { questions: readonly InquiryQuestion[] }) {
    const [chosen, setChosen] = useState<string | null>(null)
    const isOpen = ({ state }: InquiryQuestion) => state === "open"
    const shown = questions.find(({ id }) => id === chosen) ?? questions.find(isOpen) ?? questions[0]
    const rowOf = (question: InquiryQuestion) => ({
        id: question.id,
        title: titles[question.kind],
        detail: valueText(question.state),
        at: question.askedAt,
        answerBy: isOpen(question) ? question.answerBy : null,
    })
    return (
        <MessageList
            label={t("Questions")}
            groups={[
                { name: t("Need an answer"), rows: questions.filter(isOpen).map(rowOf) },
                { name: t("Closed"), rows: questions.filter((question) => !isOpen(question)).map(rowOf) },
            ]}
            chosen={shown?.id ?? null}
            onChoose={setChosen}
        >
            {shown !== undefined && <OneQuestion key={shown.id} question={shown} />}
        </MessageList>
    )
}

function OneQuestion({ question }: { question: InquiryQuestion }) {
    const { now } = useMe()
    return (
        <article className="message" aria-label={titles[question.kind]}>
            <header className="row">
                <h2 className="grow">{titles[question.kind]}</h2>
                <Badge tone={question.state === "open" ? "due" : "plain"}>{valueText(question.state)}</Badge>
            </header>
            <p className="muted">
                {rich("From the operator, {sentAt}", { sentAt: <When at={question.askedAt} short /> })}
            </p>
            <p className="letter">{question.text}</p>
            {question.state === "open" && (
                <p className="muted">
                    {rich("Answer by {answerBy}", { answerBy: <When at={question.answerBy} /> })}{" "}
                    <Distance at={question.answerBy} now={now} />
                </p>
            )}
            <Reply question={question} />
        </article>
    )
}

function Reply({ question }: { question: InquiryQuestion }) {
    const { answer, answeredAt, deleted } = question
    if (answer !== null) {
        const attested = deleted ? t("Your answer: all copies deleted") : t("Your answer: not all copies deleted")
        return <Sent name={deleted === null ? t("Your answer") : attested} text={answer} at={answeredAt} />
    }
    if (question.state === "expired") return <Notice>{t("The time to answer is over.")}</Notice>
    return <Answer question={question} />
}

const deletedChoices = [
    { value: "yes", name: t("yes, all copies are deleted") },
    { value: "no", name: t("no, not all copies") },
]

function Answer({ question }: { question: InquiryQuestion }) {
    const asksDeletion = question.kind === "deletion"
    return (
        <AskForm
            requests={[
                ...(asksDeletion
                    ? [
                          {
                              name: "deleted",
                              label: t("Are all copies deleted?"),
                              kind: "choice" as const,
                              from: deletedChoices,
                          },
                      ]
                    : []),
                { name: "text", label: t("Your answer"), kind: "text", hint: t("You can answer a question once.") },
            ]}
            submit={t("Send answer")}
            write={({ text, deleted }) =>
                writeTo("POST", `/api/inquiries/${question.id}/answer`, {
                    text,
                    deleted: asksDeletion ? deleted === "yes" : null,
                })
            }
        />
    )
}
