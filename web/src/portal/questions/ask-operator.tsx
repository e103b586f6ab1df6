/** Questions to the operator about a warning, with the answers; on the warning and under the messages. */
import { Link } from "@tanstack/react-router"
import { questionTextMax } from "../../../../server/src/share/questions/question.ts"
import { writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Warning, WarningQuestion } from "../answers.ts"
import { useNameOf, useWarnings, useWarningQuestions, useWhyNot } from "../viewer.ts"
import { rich, t } from "../../messages/message.ts"

/** Asks in private. It is one of the two actions at the foot of a warning's rail. */
export function AskOperator({ warning }: { warning: Pick<Warning, "id"> }) {
    return (
        <FormDialog
            button={t("Ask the operator…")}
            title={t("Ask the operator")}
            submit={t("Send question")}
            disabledReason={useWhyNot()("warning_question:own")}
            requests={[
                {
                    name: "text",
                    label: t("Your question"),
                    kind: "text",
                    length: { min: 1, max: questionTextMax },
                    hint: t("For example: does the update need a restart?"),
                    codes: ["warning_question.bad_text"],
                },
            ]}
            write={({ text }) => writeTo("POST", `/api/warnings/${warning.id}/questions`, { text })}
        >
            <p>
                {t(
                    "Only the operator and your people with this warning read it. The operator answers you, or all partners with the warning. Then no partner learns who asked.",
                )}
            </p>
        </FormDialog>
    )
}

/** The questions about one warning. */
export function WarningQuestions({ warning }: { warning: Warning }) {
    const questions = useWarningQuestions().data?.questions.filter((question) => question.warning === warning.id) ?? []
    return (
        <Section title={t("Questions")} count={questions.length} aside={<AskOperator warning={warning} />}>
            {questions.length === 0 ? (
                <Empty title={t("No questions yet.")}>{t("Ask the operator in private.")}</Empty>
            ) : (
                <ul className="panel list">
                    {questions.map((question) => (
                        <li key={question.id}>
                            <OneQuestion question={question} />
                        </li>
                    ))}
                </ul>
            )}
        </Section>
    )
}

function OneQuestion({ question }: { question: WarningQuestion }) {
    const { isOwn, person, text, askedAt, answer, answeredAt, toAll } = question
    const nameOf = useNameOf()
    const answered = <When at={answeredAt} short />
    return (
        <article className="grow stack" aria-label={text}>
            <p className="title letter">{text}</p>
            <p className="why">
                {isOwn && person !== null
                    ? rich("Asked by {person}, {askedAt}", {
                          person: nameOf(person),
                          askedAt: <When at={askedAt} short />,
                      })
                    : t("Answered to all recipients")}
            </p>
            {answer === null ? (
                <span>
                    <Badge tone="due">{t("no answer yet")}</Badge>
                </span>
            ) : (
                <blockquote>
                    <p className="muted">
                        {toAll && isOwn
                            ? rich("Answer of the operator to all recipients, {answeredAt}", { answeredAt: answered })
                            : rich("Answer of the operator, {answeredAt}", { answeredAt: answered })}
                    </p>
                    <p className="letter">{answer}</p>
                </blockquote>
            )}
        </article>
    )
}

/** All questions about warnings, under the messages. */
export function AskedByYou() {
    const query = useWarningQuestions()
    const warnings = useWarnings().data?.warnings ?? []
    return (
        <Section title={t("Questions about warnings")}>
            <Loaded query={query}>
                {({ questions }) =>
                    questions.length === 0 ? (
                        <Empty title={t("No questions yet.")}>{t("Ask the operator on the page of a warning.")}</Empty>
                    ) : (
                        <ul className="panel list">
                            {questions.map((question) => (
                                <li key={question.id}>
                                    <div className="grow stack">
                                        <Link to={`/warnings/${question.warning}/questions`}>
                                            {warnings.find(({ id }) => id === question.warning)?.title ?? "…"}
                                        </Link>
                                        <OneQuestion question={question} />
                                    </div>
                                </li>
                            ))}
                        </ul>
                    )
                }
            </Loaded>
        </Section>
    )
}
