/** Questions of partners about a case: each is answered once, to its partner or to all recipients. */
import { questionTextMax } from "../../../../../server/src/share/questions/question.ts"
import { type AnswerTo, useRead, writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

type Question = AnswerTo<"/api/cases/{id}/questions">["questions"][number]

export function Questions({ id: subject }: { id: string }) {
    const query = useRead(`/api/cases/${subject}/questions`)
    return (
        <Section title={t("Questions of partners")}>
            <Loaded query={query}>
                {({ questions }) =>
                    questions.length === 0 ? (
                        <Empty title={t("No questions yet.")}>
                            {t("Questions that partners ask about this case appear here.")}
                        </Empty>
                    ) : (
                        <ul className="panel list">
                            {questions.map((question) => (
                                <li key={question.id}>
                                    <OneQuestion subject={subject} question={question} />
                                </li>
                            ))}
                        </ul>
                    )
                }
            </Loaded>
        </Section>
    )
}

function OneQuestion({ subject, question }: { subject: string; question: Question }) {
    const names = useNames()
    const { partner, text, askedAt, answer } = question
    return (
        <>
            <article className="grow stack" aria-label={text}>
                <p className="title letter">{text}</p>
                <p className="why">
                    {names.partner(partner)}, <When at={askedAt} short />
                </p>
                {answer !== null && (
                    <blockquote>
                        <p className="muted">
                            {answer.question === null ? (
                                <>
                                    {names.person(answer.by)}, <When at={answer.at} short />
                                </>
                            ) : (
                                rich("{author}, {when}. All recipients read: {question}", {
                                    author: names.person(answer.by),
                                    when: <When at={answer.at} short />,
                                    question: answer.question,
                                })
                            )}
                        </p>
                        <p className="letter">{answer.text}</p>
                    </blockquote>
                )}
            </article>
            {answer === null ? (
                <Answer subject={subject} question={question} />
            ) : (
                <Badge tone="good">{answer.audience === "recipients" ? t("answered to all") : t("answered")}</Badge>
            )}
        </>
    )
}

const audiences = [
    { value: "partner", name: t("the asking partner") },
    { value: "recipients", name: t("all partners with the warning") },
] as const

function Answer({ subject, question: { id, text } }: { subject: string; question: Question }) {
    const length = { min: 0, max: questionTextMax }
    return (
        <FormDialog
            button={t("Answer…")}
            title={t("Answer the question")}
            submit={t("Send answer")}
            disabledReason={useWhyNot()("warning_question:answer")}
            requests={[
                { name: "text", label: t("Answer"), kind: "text", length: { min: 1, max: questionTextMax } },
                { name: "audience", label: t("Who reads it"), kind: "choice", from: audiences },
                {
                    name: "question",
                    label: t("Question as all partners read it"),
                    kind: "text",
                    optional: true,
                    length,
                    hint: t("Only for an answer to all. Remove everything that shows who asked."),
                    codes: ["warning_question.bad_text", "warning_question.bad_audience"],
                },
            ]}
            write={({ text: answer, audience, question }) =>
                writeTo("POST", `/api/cases/${subject}/questions/${id}/answer`, {
                    text: answer,
                    audience,
                    question: audience === "recipients" ? question : null,
                })
            }
        >
            <blockquote className="letter">{text}</blockquote>
            <p className="muted">{t("You can answer a question once. No partner learns who asked.")}</p>
        </FormDialog>
    )
}
