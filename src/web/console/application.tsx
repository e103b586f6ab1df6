/** One application: what it says of itself, who vouches, how persons scored it by the criteria, and the decision. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../kit/api.ts"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Facts, Lines, Page, Section, Table } from "../kit/table.tsx"
import { ApplicationBadge } from "./applications.tsx"
import type { WholeApplication } from "./circle-answers.ts"
import { Scoring } from "./scoring.tsx"
import { useCan, useNames, useWhyNot } from "./viewer.tsx"

export function ApplicationScreen({ id }: { id: string }) {
    const one = useRead<WholeApplication>(`/api/applications/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page
                    title={found.organisation}
                    kind={<Link to="/applications">Application</Link>}
                    aside={<ApplicationBadge of={found} />}
                >
                    <Decision of={found} />
                    <Scoring of={found} />
                    <Vouches of={found} />
                    <Said of={found} />
                </Page>
            )}
        </Loaded>
    )
}

function Decision({ of }: { of: WholeApplication }) {
    const names = useNames()
    const can = useCan()
    const partner = can("partner:read") && of.state === "invited" && (
        <Link to={`/partners/${of.partner}`}>Its page as a partner</Link>
    )
    const anew = of.state === "declined" && <DecideDialog of={of} decision="invited" not={whyNotInvited(of)} />
    if (of.state !== "waiting") {
        return (
            <Section title="Decision" aside={partner || anew}>
                <Facts
                    of={[
                        ["What", <ApplicationBadge key="what" of={of} />],
                        ["When", <When key="when" at={of.decidedAt} />],
                        ["By", of.decidedBy === null ? "nobody" : names.person(of.decidedBy)],
                        ["Why", of.decision.reason],
                        ["Word to it", of.decision.message === "" ? "none" : of.decision.message],
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
                    <DecideDialog of={of} decision="invited" not={whyNotInvited(of)} />
                    <DecideDialog of={of} decision="declined" not={null} />
                </>
            }
        >
            <Carried of={of} />
        </Section>
    )
}

const textsOf = ({ criteria }: WholeApplication, ids: readonly string[]): string[] =>
    ids.map((id) => criteria.find((one) => one.id === id)?.text ?? id)

function whyNotInvited({ tally }: WholeApplication): string | null {
    if (tally.open.length > 0) return "score the required criteria first"
    return tally.unmet.length > 0 ? "required criteria are not met" : null
}

/** Whether the scores carry an invitation, and why not. */
function Carried({ of }: { of: WholeApplication }) {
    const { open, unmet, total } = of.tally
    return (
        <>
            <Notice tone={unmet.length > 0 ? "bad" : open.length > 0 ? "due" : "good"}>
                <span>
                    <strong>{total} of 100</strong> by the criteria of version {of.criteriaVersion}.{" "}
                    {open.length + unmet.length === 0
                        ? "Every required criterion is met."
                        : "It cannot be invited yet."}
                </span>
            </Notice>
            {open.length > 0 && (
                <>
                    <h3>Required, and scored by nobody</h3>
                    <Lines of={textsOf(of, open)} />
                </>
            )}
            {unmet.length > 0 && (
                <>
                    <h3>Required, and not met</h3>
                    <Lines of={textsOf(of, unmet)} />
                </>
            )}
        </>
    )
}

interface DecideProps {
    of: WholeApplication
    decision: "invited" | "declined"
    not: string | null
}

function DecideDialog({ of, decision, not }: DecideProps) {
    const may = useWhyNot()("partner:write")
    const invites = decision === "invited"
    return (
        <FormDialog
            button={invites ? "Invite…" : "Decline…"}
            title={`${invites ? "Invite" : "Decline"} ${of.organisation}`}
            submit={invites ? "Invite it" : "Decline it"}
            buttonLook={invites ? "main" : "plain"}
            look={invites ? "main" : "danger"}
            not={may ?? not}
            asked={[
                { name: "reason", label: "Why", kind: "text", hint: "for the operator; kept sealed", ...atLeastTen },
                {
                    name: "message",
                    label: "Word to the applicant",
                    kind: "text",
                    optional: true,
                    hint: "it reads this beside its state",
                },
            ]}
            write={({ reason, message = "" }) => ({
                method: "POST",
                path: `/api/applications/${of.partner}/decide`,
                body: { decision, reason, message },
            })}
        >
            <p className="muted">
                {invites
                    ? "Its contact comes in as lead by the secret of the application. It gets nothing about cases until two people admit it."
                    : "It may be invited later all the same, once the criteria carry it."}
            </p>
        </FormDialog>
    )
}

const atLeastTen = { check: (said: string) => (said.trim().length >= 10 ? null : "ten characters or more") }

function Vouches({ of }: { of: WholeApplication }) {
    const names = useNames()
    return (
        <Section title="Who vouches">
            {of.vouches.length === 0 ? (
                <Empty title="No member has vouched for it." />
            ) : (
                <Table
                    caption="Members who vouch for it"
                    rows={of.vouches}
                    keyOf={({ partner, person, at }) => `${partner} ${person} ${at}`}
                    columns={[
                        {
                            name: "Member",
                            cell: ({ partner }) => <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>,
                        },
                        { name: "In its words", cell: ({ words }) => words },
                        { name: "At", cell: ({ at }) => <When at={at} short /> },
                    ]}
                />
            )}
        </Section>
    )
}

/** Attacker-controlled: shown as text, and as what it says of itself. */
function Said({ of }: { of: WholeApplication }) {
    const { form } = of
    return (
        <Section title="What it says of itself">
            <Facts
                of={[
                    ["Made", <When key="made" at={of.madeAt} />],
                    ["Address for warnings", form.mail],
                    ["Contact", `${form.contact.name} <${form.contact.mail}>`],
                    ["It makes", form.productClasses.join(", ")],
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

const Words = ({ of }: { of: string }) => <p className="letter">{of}</p>
