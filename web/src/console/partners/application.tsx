/** One application: the applicant's statements, vouchers, scores by criterion, and the decision. */
import { valueText } from "@tocsin/base/value-text"
import { Link } from "@tanstack/react-router"
import { useRead, writeTo } from "../api.ts"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Facts, Lines, Section, Table } from "../../kit/table.tsx"
import { ApplicationBadge } from "./applications.tsx"
import type { WholeApplication } from "../access/policy-answers.ts"
import { Scoring } from "./score.tsx"
import { useCan, useNames, useWhyNot } from "../artifacts/viewer.tsx"

export function ApplicationScreen({ id }: { id: string }) {
    const query = useRead(`/api/applications/${id}`)
    return (
        <Loaded query={query}>
            {(found) => (
                <Page
                    title={found.organisation}
                    tabTitle="Application"
                    path={[{ to: "/partners/applications", name: "Applications" }]}
                    aside={<ApplicationBadge row={found} />}
                >
                    <Decision application={found} />
                    <Scoring application={found} />
                    <Vouches application={found} />
                    <Said application={found} />
                </Page>
            )}
        </Loaded>
    )
}

function Decision({ application }: { application: WholeApplication }) {
    const names = useNames()
    const can = useCan()
    const partner = can("partner:read") && application.state === "invited" && (
        <Link to={`/partners/${application.partner}`}>Its page as a partner</Link>
    )
    const anew = application.state === "declined" && (
        <DecideDialog application={application} decision="invited" disabledReason={whyNotInvited(application)} />
    )
    if (application.state !== "waiting") {
        return (
            <Section title="Decision" aside={partner || anew}>
                <Facts
                    items={[
                        ["What", <ApplicationBadge key="what" row={application} />],
                        ["When", <When key="when" at={application.decidedAt} />],
                        ["By", application.decidedBy === null ? "nobody" : names.person(application.decidedBy)],
                        ["Why", application.decision.reason],
                        ["Word to it", application.decision.message === "" ? "none" : application.decision.message],
                    ]}
                />
            </Section>
        )
    }
    return (
        <Section
            title="Decision"
            aside={
                <>
                    <DecideDialog
                        application={application}
                        decision="invited"
                        disabledReason={whyNotInvited(application)}
                    />
                    <DecideDialog application={application} decision="declined" disabledReason={null} />
                </>
            }
        >
            <Carried application={application} />
        </Section>
    )
}

const textsOf = ({ criteria }: WholeApplication, ids: readonly string[]): string[] =>
    ids.map((id) => criteria.find((item) => item.id === id)?.text ?? id)

function whyNotInvited({ tally }: WholeApplication): string | null {
    if (tally.unscored.length > 0) return "score the required criteria first"
    return tally.unmet.length > 0 ? "required criteria are not met" : null
}

/** Shows whether the scores allow an invitation, and if not, why. */
function Carried({ application }: { application: WholeApplication }) {
    const { unscored: open, unmet, total } = application.tally
    return (
        <>
            <Notice tone={unmet.length > 0 ? "bad" : open.length > 0 ? "due" : "good"}>
                <span>
                    <strong>{total} of 100</strong> by the criteria of version {application.criteriaVersion}.{" "}
                    {open.length + unmet.length === 0
                        ? "Every required criterion is met."
                        : "It cannot be invited yet."}
                </span>
            </Notice>
            {open.length > 0 && (
                <>
                    <h3>Required, and scored by nobody</h3>
                    <Lines items={textsOf(application, open)} />
                </>
            )}
            {unmet.length > 0 && (
                <>
                    <h3>Required, and not met</h3>
                    <Lines items={textsOf(application, unmet)} />
                </>
            )}
        </>
    )
}

interface DecideProps {
    application: WholeApplication
    decision: "invited" | "declined"
    disabledReason: string | null
}

function DecideDialog({ application, decision, disabledReason }: DecideProps) {
    const may = useWhyNot()("partner:write")
    const invites = decision === "invited"
    return (
        <FormDialog
            button={invites ? "Invite…" : "Decline…"}
            title={`${invites ? "Invite" : "Decline"} ${application.organisation}`}
            submit={invites ? "Invite it" : "Decline it"}
            buttonLook={invites ? "main" : "plain"}
            look={invites ? "main" : "danger"}
            disabledReason={may ?? disabledReason}
            requests={[
                { name: "reason", label: "Why", kind: "text", hint: "for the operator; kept sealed", ...atLeastTen },
                {
                    name: "message",
                    label: "Word to the applicant",
                    kind: "text",
                    optional: true,
                    hint: "it reads this beside its state",
                },
            ]}
            write={({ reason, message }) =>
                writeTo("POST", `/api/applications/${application.partner}/decide`, { decision, reason, message })
            }
        >
            <p className="muted">
                {invites
                    ? "Its contact comes in as lead by the secret of the application. It gets nothing about cases until two people admit it."
                    : "It may be invited later all the same, once the criteria carry it."}
            </p>
        </FormDialog>
    )
}

const atLeastTen = { check: (input: string) => (input.trim().length >= 10 ? null : "ten characters or more") }

function Vouches({ application }: { application: WholeApplication }) {
    const names = useNames()
    return (
        <Section title="Who vouches">
            {application.vouches.length === 0 ? (
                <Empty title="No member has vouched for it." />
            ) : (
                <Table
                    caption="Members who vouch for it"
                    rows={application.vouches}
                    keyOf={({ partner, person, at }) => `${partner} ${person} ${at}`}
                    columns={[
                        {
                            name: "Member",
                            cell: ({ partner }) => <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>,
                        },
                        { name: "In its words", cell: ({ text }) => text },
                        { name: "At", cell: ({ at }) => <When at={at} short /> },
                    ]}
                />
            )}
        </Section>
    )
}

/** Shows the applicant's text, which an attacker may control: as plain text, marked as the applicant's statement. */
function Said({ application }: { application: WholeApplication }) {
    const { form } = application
    return (
        <Section title="What it says of itself">
            <Facts
                items={[
                    ["Made", <When key="made" at={application.submittedAt} />],
                    ["Address for warnings", form.mail],
                    ["Contact", `${form.contact.name} <${form.contact.mail}>`],
                    ["It makes", form.productClasses.map(valueText).join(", ")],
                    ["Products", form.products.join(", ")],
                    ["Regions of those it protects", form.regions.join(", ")],
                    ["Its own protection", <Words key="own" of={form.inHouseProtection} />],
                    [`Worked example, ${form.workedExample.cve}`, <Words key="cve" of={form.workedExample.text} />],
                    ["What it does with data", <Words key="data" of={form.dataUse} />],
                    ["Who reads the mailbox", <Words key="who" of={form.mailboxReaders} />],
                    ["Programs that act on it", <Words key="programs" of={form.automation} />],
                ]}
            />
        </Section>
    )
}

const Words = ({ of: subject }: { of: string }) => <p className="letter">{subject}</p>
