/** Questions that the program puts to this partner, and the one answer that its lead gives to each. */
import type { QuestionKind } from "../../trace/inquiries/question.ts"
import { AskForm } from "../kit/form.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Badge, Page } from "../kit/table.tsx"
import type { OwnQuestion } from "./answers.ts"
import { useMe, useQuestions } from "./viewer.ts"

const titles: Readonly<Record<QuestionKind, string>> = {
    question: "A question to you",
    deletion: "Are your copies deleted?",
    finding: "Before something is concluded",
}

export function QuestionsScreen() {
    const questions = useQuestions()
    return (
        <Page title="Questions">
            <Loaded of={questions}>
                {({ questions: all }) =>
                    all.length === 0 ? (
                        <Empty title="You were asked nothing.">
                            What the program asks your organisation stands here, in every standing.
                        </Empty>
                    ) : (
                        all.map((one) => <OneQuestion key={one.id} of={one} />)
                    )
                }
            </Loaded>
        </Page>
    )
}

function OneQuestion({ of }: { of: OwnQuestion }) {
    const { now } = useMe()
    return (
        <article className="section" aria-label={titles[of.kind]}>
            <div className="section-head">
                <h2>{titles[of.kind]}</h2>
                <span className="row">
                    <Badge tone={of.state === "open" ? "due" : "plain"}>{of.state}</Badge>
                    <When at={of.askedAt} />
                </span>
            </div>
            <p className="letter">{of.text}</p>
            {of.state === "open" && (
                <p className="muted">
                    Answer until <When at={of.answerBy} /> <Distance at={of.answerBy} now={now} />
                </p>
            )}
            <Reply of={of} />
        </article>
    )
}

function Reply({ of }: { of: OwnQuestion }) {
    if (of.answer !== null) {
        return (
            <blockquote>
                <p className="muted">
                    Your answer{of.answeredAt !== null && <>, {<When at={of.answeredAt} short />}</>}
                    {of.deleted !== null && (of.deleted ? ": all copies are deleted" : ": not all copies are deleted")}
                </p>
                <p className="letter">{of.answer}</p>
            </blockquote>
        )
    }
    if (of.state === "lapsed") return <Notice>The time to answer is over.</Notice>
    return <Answer of={of} />
}

const whether = [
    { value: "yes", name: "yes, all copies are deleted" },
    { value: "no", name: "no, not all of them" },
]

function Answer({ of }: { of: OwnQuestion }) {
    const asksWhether = of.kind === "deletion"
    return (
        <AskForm
            asked={[
                ...(asksWhether
                    ? [{ name: "deleted", label: "Are all copies deleted?", kind: "choice" as const, from: whether }]
                    : []),
                { name: "text", label: "Your answer", kind: "text", hint: "one answer a question; it is kept" },
            ]}
            submit="Send the answer"
            write={({ text, deleted }) => ({
                method: "POST",
                path: `/api/inquiries/${of.id}/answer`,
                body: { text, deleted: asksWhether ? deleted === "yes" : null },
            })}
        />
    )
}
