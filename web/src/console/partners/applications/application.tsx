/** One application on one page: the applicant's text at the left, its scores and the decision at the right. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../../api.ts"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { Page } from "../../../kit/layout/page.tsx"
import { Facts, Section } from "../../../kit/table.tsx"
import type { WholeApplication } from "../../access/policy-answers.ts"
import { useCan, useNames } from "../../artifacts/viewer.tsx"
import { ApplicantText } from "./applicant-text.tsx"
import { ApplicantQuestions, AskApplicant } from "./applicant-questions.tsx"
import { ApplicationBadge, DecideBy, openApplications } from "./applications.tsx"
import { Assessment } from "./assessment.tsx"
import { ApplicantDueDiligence } from "./due-diligence.tsx"
import { placeIn } from "./marks.ts"
import { rich, t } from "../../../messages/message.ts"

export function ApplicationScreen({ id }: { id: string }) {
    const query = useRead(`/api/applications/${id}`)
    const can = useCan()
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
                    aside={
                        <>
                            <Neighbours id={id} />
                            <AskApplicant application={application} />
                        </>
                    }
                    lead={
                        <span className="row">
                            <ApplicationBadge row={application} />
                            <span>
                                {rich("Submitted {submittedAt}", {
                                    submittedAt: <When at={application.submittedAt} short />,
                                })}
                            </span>
                            {application.state === "waiting" && (
                                <span>
                                    <DecideBy row={application} />
                                </span>
                            )}
                        </span>
                    }
                >
                    <div className="assessment">
                        <div className="flow">
                            <ApplicantText application={application} />
                            <ApplicantQuestions application={application} />
                            <Vouches application={application} />
                            {can("partner:read") && <ApplicantDueDiligence partner={application.partner} />}
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

/** Leads to the previous and the next application that waits for a decision. */
function Neighbours({ id }: { id: string }) {
    const queue = openApplications(useRead("/api/applications").data?.applications ?? []).map(({ partner }) => partner)
    const place = placeIn(queue, id)
    if (place === null || queue.length < 2) return null
    const { number, previous, next } = place
    return (
        <nav className="neighbours" aria-label={t("Open applications")}>
            <span className="muted">{t("{number} of {count}", { number, count: queue.length })}</span>
            {previous !== null && (
                <Link className="button" to={`/partners/applications/${previous}`}>
                    {t("Previous application")}
                </Link>
            )}
            {next !== null && (
                <Link className="button" to={`/partners/applications/${next}`}>
                    {t("Next application")}
                </Link>
            )}
        </nav>
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
