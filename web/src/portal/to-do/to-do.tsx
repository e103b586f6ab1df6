/** The duties of a partner: requirements with due dates and consequences, follow-ups, and past submissions. */
import type { ReactNode } from "react"
import { Link } from "@tanstack/react-router"
import { isOnboarding } from "../../../../server/src/trust/partners/partner.ts"
import { When, Distance } from "../../kit/instant.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Icon, type IconName } from "../../kit/layout/icon.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import { agreementWords } from "../../kit/text.ts"
import type { Requirement } from "../answers.ts"
import { FirstVisit } from "../onboarding/first-visit.tsx"
import { requirementDetails, requirementStates, requirementTitles } from "../organisation/requirement-text.ts"
import { useMe, useRequirements } from "../viewer.ts"
import { OpenFollowUps } from "../warnings/follow-ups.tsx"
import { AttestDialog } from "./attestation.tsx"
import { DueList } from "./due-list.tsx"
import { MailboxVerification, RegularReport } from "./give-statement.tsx"
import { Statements } from "./statements.tsx"
import { rich, t } from "../../messages/message.ts"

const urgency = ["overdue", "due", "met"]

export function ToDo() {
    const requirements = useRequirements()
    const { status } = useMe().partner
    if (isOnboarding(status)) return <FirstVisit />
    return (
        <Page title={t("To do")} lead={t("An overdue requirement withholds content until you meet it.")}>
            <Loaded query={requirements}>
                {({ requirements, submitted }) => (
                    <Columns rail={<DueList />}>
                        <RequirementList requirements={requirements} />
                        <OpenFollowUps />
                        <Statements statements={submitted} />
                    </Columns>
                )}
            </Loaded>
        </Page>
    )
}

function RequirementList({ requirements }: { requirements: readonly Requirement[] }) {
    const sorted = requirements.toSorted(
        (a, b) => urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.withheldFrom.localeCompare(b.withheldFrom),
    )
    return (
        <Section title={t("Requirements")} count={requirements.length}>
            <AgreementNote />
            {requirements.length === 0 ? (
                <Empty title={t("No requirements yet.")}>
                    {t("They appear here once your organisation is active.")}
                </Empty>
            ) : (
                <div className="panel list requirements">
                    {sorted.map((requirement) => (
                        <OneRequirement key={requirement.kind} requirement={requirement} />
                    ))}
                </div>
            )}
        </Section>
    )
}

function AgreementNote() {
    const { agreement } = useMe().partner
    if (agreement === "accepted") return null
    return (
        <p className="caution">
            {rich(
                "Your agreement is {state}. Its requirements appear here once a lead accepts it. See <link>the agreement</link>.",
                {
                    state: agreementWords[agreement].name,
                    link: (text) => <Link to="/organisation/agreement">{text}</Link>,
                },
            )}
        </p>
    )
}

const icons: Readonly<Record<Requirement["kind"], IconName>> = {
    agreement: "sign",
    attestation: "file",
    regular_reports: "flag",
    mailbox: "mail",
    key: "key",
    lead: "people",
}

function OneRequirement({ requirement }: { requirement: Requirement }) {
    const { kind, state } = requirement
    const { name, tone } = requirementStates[state]
    return (
        <article aria-label={requirementTitles[kind]}>
            <span className={`square ${tone}`}>
                <Icon name={icons[kind]} />
            </span>
            <div className="grow">
                <h3>{requirementTitles[kind]}</h3>
                <p className="why">{requirementDetails[kind]}</p>
                <p className="why">
                    <DueText requirement={requirement} />
                </p>
                {ways[kind] !== null && <div className="row">{ways[kind]}</div>}
            </div>
            <Badge tone={tone}>{name}</Badge>
        </article>
    )
}

function DueText({ requirement: { state, dueAt, withheldFrom } }: { requirement: Requirement }) {
    const { now } = useMe()
    const due = <When at={dueAt} short />
    const start = <When at={withheldFrom} short />
    if (state === "met")
        return rich("Next due {due} ({distance}).", { due, distance: <Distance at={dueAt} now={now} /> })
    if (state === "due") {
        return rich("Due since {due}. Content is withheld from {start} ({distance}).", {
            due,
            start,
            distance: <Distance at={withheldFrom} now={now} />,
        })
    }
    return rich(
        "Due since {due}. <strong>Content is withheld</strong> since {start}, until you meet this requirement.",
        { due, start, strong: (text) => <strong>{text}</strong> },
    )
}

const ways: Readonly<Record<Requirement["kind"], ReactNode>> = {
    agreement: <Link to="/organisation/agreement">{t("Read the agreement")}</Link>,
    attestation: <AttestDialog />,
    regular_reports: <RegularReport />,
    mailbox: <MailboxVerification />,
    key: <Link to="/organisation/keys">{t("See keys")}</Link>,
    lead: <Link to="/organisation/people">{t("See people")}</Link>,
}
