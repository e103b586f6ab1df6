/** Questions to an applicant, and its answers. Asking sends a mail without the question. */
import { writeTo } from "../../api.ts"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Badge, Section } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useNames, useWhyNot } from "../../artifacts/viewer.tsx"
import { rich, t } from "../../../messages/message.ts"

export function AskApplicant({ application }: { application: WholeApplication }) {
    const whyNot = useWhyNot()("partner:write")
    if (application.state !== "waiting") return null
    return (
        <FormDialog
            button={t("Ask applicant…")}
            title={t("Ask the applicant a question")}
            disabledReason={whyNot ?? (application.hasOpenQuestion ? t("the last question has no answer yet") : null)}
            requests={[
                {
                    name: "text",
                    label: t("Question"),
                    kind: "text",
                    hint: t("For example: Who stores the downloads, and for how long?"),
                    codes: ["application.bad_text"],
                },
            ]}
            submit={t("Send question")}
            write={({ text }) => writeTo("POST", `/api/applications/${application.partner}/questions`, { text })}
        >
            <p className="caution">
                {t(
                    "The contact gets a mail without the question, and reads the question with the secret of the application.",
                )}
            </p>
        </FormDialog>
    )
}

export function ApplicantQuestions({ application: { questions } }: { application: WholeApplication }) {
    const names = useNames()
    if (questions.length === 0) return null
    return (
        <Section title={t("Questions to the applicant")} count={questions.length}>
            <ul className="panel list">
                {questions.map(({ id, person, text, askedAt, answer, answeredAt }) => (
                    <li key={id}>
                        <span className="grow">
                            <span className="title">{text}</span>
                            <span className="why block">
                                {rich("{person}, {at}", {
                                    person: names.person(person),
                                    at: <When at={askedAt} short />,
                                })}
                            </span>
                            {answer !== null && <span className="block letter">{answer}</span>}
                        </span>
                        {answeredAt === null ? (
                            <Badge tone="due">{t("no answer yet")}</Badge>
                        ) : (
                            <span className="by">
                                <When at={answeredAt} short />
                            </span>
                        )}
                    </li>
                ))}
            </ul>
        </Section>
    )
}
