/** One application on one page: the applicant's text at the left, its scores and the decision at the right. */
import { valueText } from "@tocsin/base/value-text"
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

export function ApplicationScreen({ id }: { id: string }) {
    const query = useRead(`/api/applications/${id}`)
    return (
        <Loaded query={query}>
            {(application) => (
                <Page
                    title={application.organisation}
                    tabTitle="Application"
                    path={[
                        { to: "/partners", name: "Partners" },
                        { to: "/partners/applications", name: "Applications" },
                    ]}
                    lead={
                        <span className="row">
                            <ApplicationBadge row={application} />
                            <span>
                                Submitted <When at={application.submittedAt} short />
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
            title="Decision"
            aside={
                can("partner:read") && state === "invited" && <Link to={`/partners/${partner}`}>Open the partner</Link>
            }
        >
            <Facts
                items={[
                    ["Decision", <ApplicationBadge key="what" row={application} />],
                    ["Decided", <When key="when" at={decidedAt} short />],
                    ["By", decidedBy === null ? "Tocsin" : names.person(decidedBy)],
                    ["Reason", decision.reason],
                    ["Message to the applicant", decision.message === "" ? "none" : decision.message],
                ]}
            />
        </Section>
    )
}

/** Shows the applicant's text, which an attacker may control: as plain text, under the applicant's name. */
function ApplicantText({ application: { form } }: { application: WholeApplication }) {
    const answers = [
        ["What do you make?", form.productClasses.map(valueText).join(", ")],
        ["Which products?", form.products.join(", ")],
        ["In which regions are those that you protect?", form.regions.join(", ")],
        ["How do you protect your own systems?", form.inHouseProtection],
        [`What did you do about ${form.workedExample.cve}?`, form.workedExample.text],
        ["What do you do with the data?", form.dataUse],
        ["Who reads the mailbox for warnings?", form.mailboxReaders],
        ["Which tools act on warnings?", form.automation],
        ["Address for warnings", form.mail],
        ["Contact", `${form.contact.name} <${form.contact.mail}>`],
    ] as const
    return (
        <Section title="Application" count={answers.length}>
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
        <Section title="Vouchers" count={vouches.length}>
            {vouches.length === 0 ? (
                <Empty title="No partner has vouched yet." />
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
