/** Questions of the operator about an application, which the applicant answers with its secret. */
import { type AnswerTo, writeTo } from "../api.ts"
import { AskForm } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Section } from "../../kit/table.tsx"
import { rich, t } from "../../messages/message.ts"

type Question = AnswerTo<"/api/applications/check-status", "POST">["questions"][number]

interface ApplicantQuestionsProps {
    questions: readonly Question[]
    secret: string
    /** Whether the application still waits for a decision. */
    isOpen: boolean
    /** Loads the status again. */
    onAnswered: () => void
}

export function ApplicantQuestions({ questions, secret, isOpen, onAnswered }: ApplicantQuestionsProps) {
    if (questions.length === 0) return null
    return (
        <Section title={t("Questions of the operator")} count={questions.length}>
            {questions.map((question) => (
                <article key={question.id} className="panel pad">
                    <p className="letter">
                        <strong>{question.text}</strong>
                    </p>
                    <p className="muted small">{rich("Asked {at}", { at: <When at={question.askedAt} short /> })}</p>
                    {question.answer !== null && (
                        <>
                            <p className="letter">{question.answer}</p>
                            <p className="muted small">
                                {rich("Answered {at}", { at: <When at={question.answeredAt} short /> })}
                            </p>
                        </>
                    )}
                    {question.answer === null && isOpen && (
                        <AskForm
                            requests={[
                                {
                                    name: "text",
                                    label: t("Your answer"),
                                    kind: "text",
                                    hint: t("The operator reads it with your application. You cannot change it later."),
                                    codes: ["application.bad_text"],
                                },
                            ]}
                            submit={t("Send answer")}
                            write={({ text }) =>
                                writeTo("POST", "/api/applications/answer-question", {
                                    secret,
                                    question: question.id,
                                    text,
                                })
                            }
                            onDone={onAnswered}
                        />
                    )}
                </article>
            ))}
        </Section>
    )
}
