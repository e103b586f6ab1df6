/** The applicant's answers, with the numbers of the criteria that read them. */
import { Section } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { type AnswerName, answerNames, marksOf } from "./marks.ts"
import { t, valueText } from "../../../messages/message.ts"

type Form = WholeApplication["form"]

const questions: Readonly<Record<AnswerName, (form: Form) => readonly [question: string, answer: string]>> = {
    productClasses: (form) => [t("What do you make?"), form.productClasses.map(valueText).join(", ")],
    products: (form) => [t("Which products?"), form.products.join(", ")],
    regions: (form) => [t("In which regions are those that you protect?"), form.regions.join(", ")],
    dataUse: (form) => [t("How do you use a warning?"), form.dataUse],
    mailboxReaders: (form) => [t("Who reads the mailbox for warnings?"), form.mailboxReaders],
    automation: (form) => [t("Which tools act on warnings?"), form.automation],
    inHouseProtection: (form) => [t("How do you protect your own systems?"), form.inHouseProtection],
    workedExample: ({ workedExample: { cve, text } }) => [t("What did you do about {cve}?", { cve }), text],
    mail: (form) => [t("Address for warnings"), form.mail],
    contact: ({ contact }) => [t("Contact"), `${contact.name} <${contact.mail}>`],
}

/** Shows the applicant's text, which an attacker may control: as plain text, under the applicant's name. */
export function ApplicantText({ application: { form, criteria } }: { application: WholeApplication }) {
    return (
        <Section title={t("Application")} count={answerNames.length}>
            <dl className="panel answers">
                {answerNames.map((answer) => {
                    const [question, text] = questions[answer](form)
                    return (
                        <div key={answer}>
                            <dt>
                                {question} <Marks answer={answer} criteria={criteria} />
                            </dt>
                            <dd>{text}</dd>
                        </div>
                    )
                })}
            </dl>
            <p className="caution">
                {t(
                    "A number leads to the criterion that reads the answer. Scores depend on answers, never on the name.",
                )}
            </p>
        </Section>
    )
}

export const criterionPlace = (id: string): string => `criterion-${id}`

function Marks({ answer, criteria }: { answer: AnswerName; criteria: WholeApplication["criteria"] }) {
    return marksOf(criteria, answer).map(({ number, criterion }) => (
        <button
            key={criterion}
            type="button"
            className="mark"
            aria-label={t("Criterion {number}: {criterion}", {
                number,
                criterion: criteria.find(({ id }) => id === criterion)?.text ?? criterion,
            })}
            onClick={() => {
                const place = document.getElementById(criterionPlace(criterion))
                place?.scrollIntoView({ block: "center" })
                place?.querySelector<HTMLElement>("input:checked, input")?.focus({ preventScroll: true })
            }}
        >
            {number}
        </button>
    ))
}
