/** One application on one page: the applicant's text at the left, its scores and the decision at the right. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../../api.ts"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Facts, Section } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useCan, useNames } from "../../artifacts/viewer.tsx"
import { ApplicationBadge } from "./applications.tsx"
import { Assessment } from "./assessment.tsx"
import { rich, t, valueText } from "../../../messages/message.ts"

export function ApplicationScreen({ id }: { id: string }) {
    const query = useRead(`/api/applications/${id}`)
    return (
        <Loaded query={query}>
            {(application) => (
                <Page
                    title={application.organisation}
                    tabTitle={t("Application")}
                    path={[
                        { to: "/partners", name: t("Partners") },
                        { to: "/partners/applications", name: t("Applications") },
                    ]}
                    lead={
                        <span className="row">
                            <ApplicationBadge row={application} />
                            <span>
                                {rich("Submitted {submittedAt}", {
                                    submittedAt: <When at={application.submittedAt} short />,
                                })}
                            </span>
                        </span>
                    }
                >
                    <div className="assessment">
                        <div className="flow">
                            <ApplicantText application={application} />
                            <Vouches application={application} />
                        </div>
                        <div className="flow">
                            {application.state === "invited" ? null : (
                                <Assessment key={application.partner} application={application} />
                            )}
                            {application.decidedAt !== null && <Decision application={application} />}
                        </div>
                    </div>
                </Page>
            )}
        </Loaded>
    )
}

function Decision({ application }: { application: WholeApplication }) {
    const names = useNames()
    const can = useCan()
    const { state, decidedAt, decidedBy, decision, partner } = application
    return (
        <Section
            title={t("Decision")}
            aside={
                can("partner:read") &&
                state === "invited" && <Link to={`/partners/${partner}`}>{t("Open the partner")}</Link>
            }
        >
            <Facts
                items={[
                    [t("Decision"), <ApplicationBadge key="what" row={application} />],
                    [t("Decided"), <When key="when" at={decidedAt} short />],
                    [t("By"), decidedBy === null ? "Tocsin" : names.person(decidedBy)],
                    [t("Reason"), decision.reason],
                    [t("Message to the applicant"), decision.message === "" ? t("none") : decision.message],
                ]}
            />
        </Section>
    )
}

/** Shows the applicant's text, which an attacker may control: as plain text, under the applicant's name. */
function ApplicantText({ application: { form } }: { application: WholeApplication }) {
    const answers = [
        [t("What do you make?"), form.productClasses.map(valueText).join(", ")],
        [t("Which products?"), form.products.join(", ")],
        [t("In which regions are those that you protect?"), form.regions.join(", ")],
        [t("How do you protect your own systems?"), form.inHouseProtection],
        [t("What did you do about {cve}?", { cve: form.workedExample.cve }), form.workedExample.text],
        [t("What do you do with the data?"), form.dataUse],
        [t("Who reads the mailbox for warnings?"), form.mailboxReaders],
        [t("Which tools act on warnings?"), form.automation],
        [t("Address for warnings"), form.mail],
        [t("Contact"), `${form.contact.name} <${form.contact.mail}>`],
    ] as const
    return (
        <Section title={t("Application")} count={answers.length}>
            <dl className="panel answers">
                {answers.map(([question, answer]) => (
                    <div key={question}>
                        <dt>{question}</dt>
                        <dd>{answer}</dd>
                    </div>
                ))}
            </dl>
        </Section>
    )
}

function Vouches({ application: { vouches } }: { application: WholeApplication }) {
    const names = useNames()
    return (
        <Section title={t("Vouchers")} count={vouches.length}>
            {vouches.length === 0 ? (
                <Empty title={t("No partner has vouched yet.")} />
            ) : (
                <ul className="panel list">
                    {vouches.map(({ partner, person, at, text }) => (
                        <li key={`${partner} ${person} ${at}`}>
                            <span className="grow">
                                <Link className="title" to={`/partners/${partner}`}>
                                    {names.partner(partner)}
                                </Link>
                                <span className="why block">{text}</span>
                            </span>
                            <span className="by">
                                <When at={at} short />
                            </span>
                        </li>
                    ))}
                </ul>
            )}
        </Section>
    )
}
