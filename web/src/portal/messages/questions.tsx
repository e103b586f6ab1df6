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

const titles: Readonly<Record<QuestionKind, string>> = {
    question: "Question of the operator",
    deletion: "Did you delete all copies?",
    finding: "Finding summary for your answer",
}

export function Questions() {
    const questions = useInquiryQuestions()
    return (
        <Page title="Messages" tabTitle="Questions" lead="Only leads see questions. Each takes one answer.">
            <Loaded query={questions}>
                {({ questions }) =>
                    questions.length === 0 ? (
                        <Empty title="No questions yet.">
                            Questions of the operator to your organisation appear here, whatever your status is.
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
        detail: question.state,
        at: question.askedAt,
        answerBy: isOpen(question) ? question.answerBy : null,
    })
    return (
        <MessageList
            label="Questions"
            groups={[
                { name: "Need an answer", rows: questions.filter(isOpen).map(rowOf) },
                { name: "Closed", rows: questions.filter((question) => !isOpen(question)).map(rowOf) },
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
                <Badge tone={question.state === "open" ? "due" : "plain"}>{question.state}</Badge>
            </header>
            <p className="muted">
                From the operator, <When at={question.askedAt} short />
            </p>
            <p className="letter">{question.text}</p>
            {question.state === "open" && (
                <p className="muted">
                    Answer by <When at={question.answerBy} /> <Distance at={question.answerBy} now={now} />
                </p>
            )}
            <Reply question={question} />
        </article>
    )
}

function Reply({ question }: { question: InquiryQuestion }) {
    const { answer, answeredAt, deleted } = question
    if (answer !== null) {
        const attested = deleted === null ? "" : deleted ? ": all copies deleted" : ": not all copies deleted"
        return <Sent name={`Your answer${attested}`} text={answer} at={answeredAt} />
    }
    if (question.state === "expired") return <Notice>The time to answer is over.</Notice>
    return <Answer question={question} />
}

const deletedChoices = [
    { value: "yes", name: "yes, all copies are deleted" },
    { value: "no", name: "no, not all copies" },
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
                              label: "Are all copies deleted?",
                              kind: "choice" as const,
                              from: deletedChoices,
                          },
                      ]
                    : []),
                { name: "text", label: "Your answer", kind: "text", hint: "You can answer a question once." },
            ]}
            submit="Send answer"
            write={({ text, deleted }) =>
                writeTo("POST", `/api/inquiries/${question.id}/answer`, {
                    text,
                    deleted: asksDeletion ? deleted === "yes" : null,
                })
            }
        />
    )
}
