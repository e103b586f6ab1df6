/** Questions to this partner, and its lead's one answer to each. */
import { writeTo } from "../api.ts"
import type { QuestionKind } from "../../../../server/src/trace/inquiries/question.ts"
import { AskForm } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge } from "../../kit/table.tsx"
import type { OwnQuestion } from "../answers.ts"
import { useMe, useQuestions } from "../viewer.ts"

const titles: Readonly<Record<QuestionKind, string>> = {
    question: "A question to you",
    deletion: "Are your copies deleted?",
    finding: "Before something is concluded",
}

export function QuestionsScreen() {
    const questions = useQuestions()
    return (
        <Page title="Questions">
            <Loaded query={questions}>
                {({ questions }) =>
                    questions.length === 0 ? (
                        <Empty title="You were asked nothing.">
                            What the program asks your organisation stands here, in every standing.
                        </Empty>
                    ) : (
                        questions.map((question) => <OneQuestion key={question.id} question={question} />)
                    )
                }
            </Loaded>
        </Page>
    )
}

function OneQuestion({ question }: { question: OwnQuestion }) {
    const { now } = useMe()
    return (
        <article className="section" aria-label={titles[question.kind]}>
            <div className="section-head">
                <h2>{titles[question.kind]}</h2>
                <span className="row">
                    <Badge tone={question.state === "open" ? "due" : "plain"}>{question.state}</Badge>
                    <When at={question.askedAt} />
                </span>
            </div>
            <p className="letter">{question.text}</p>
            {question.state === "open" && (
                <p className="muted">
                    Answer until <When at={question.answerBy} /> <Distance at={question.answerBy} now={now} />
                </p>
            )}
            <Reply question={question} />
        </article>
    )
}

function Reply({ question }: { question: OwnQuestion }) {
    if (question.answer !== null) {
        return (
            <blockquote>
                <p className="muted">
                    Your answer{question.answeredAt !== null && <>, {<When at={question.answeredAt} short />}</>}
                    {question.deleted !== null &&
                        (question.deleted ? ": all copies are deleted" : ": not all copies are deleted")}
                </p>
                <p className="letter">{question.answer}</p>
            </blockquote>
        )
    }
    if (question.state === "expired") return <Notice>The time to answer is over.</Notice>
    return <Answer question={question} />
}

const whether = [
    { value: "yes", name: "yes, all copies are deleted" },
    { value: "no", name: "no, not all of them" },
]

function Answer({ question }: { question: OwnQuestion }) {
    const asksWhether = question.kind === "deletion"
    return (
        <AskForm
            requests={[
                ...(asksWhether
                    ? [{ name: "deleted", label: "Are all copies deleted?", kind: "choice" as const, from: whether }]
                    : []),
                { name: "text", label: "Your answer", kind: "text", hint: "one answer a question; it is kept" },
            ]}
            submit="Send the answer"
            write={({ text, deleted }) =>
                writeTo("POST", `/api/inquiries/${question.id}/answer`, {
                    text,
                    deleted: asksWhether ? deleted === "yes" : null,
                })
            }
        />
    )
}
