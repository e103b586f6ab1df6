/** One warning, in three tabs: what to do and read, the reports, and access and embargo. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Columns } from "../../kit/layout/page.tsx"
import { Loaded, isRefused } from "../../kit/notice.tsx"
import { AffectedProducts, labelled } from "../../kit/products.tsx"
import { Section, Table } from "../../kit/table.tsx"
import type { Warning } from "../answers.ts"
import { Leave } from "../embargoes/exit-embargo.tsx"
import { AskOperator, WarningQuestions } from "../questions/ask-operator.tsx"
import { useConsents } from "../viewer.ts"
import { AccessListSection } from "./access-list.tsx"
import { AcknowledgePanel } from "./acknowledge.tsx"
import { CopiesSection } from "./copies/copies.tsx"
import { Description, FirstSteps } from "./copies/description.tsx"
import { FollowUps } from "./follow-ups.tsx"
import { isPast } from "./inbox.ts"
import { type Copies, useCopies } from "./copies/open-copies.ts"
import { PermittedUse } from "./permitted-use-section.tsx"
import { AggregatesSection, ProtectionHistory, ProtectionPanel } from "./protection.tsx"
import { Recalls } from "./recalls.tsx"
import { ExploitationPanel, HeldSightings, SightingsSection } from "./sightings.tsx"
import { ResultsSection } from "./test-result.tsx"
import { Upcoming } from "./upcoming-content.tsx"
import { NoAccess } from "./no-access.tsx"
import { WarningPage } from "./warning-page.tsx"
import { decimalText, rich, t } from "../../messages/message.ts"

interface TabProps {
    id: string
    children: (warning: Warning, copies: Copies) => ReactNode
}

function WarningTab({ id, children }: TabProps) {
    const query = useRead(`/api/warnings/${id}`)
    if (isRefused(query.error)) return <NoAccess held={<HeldSightings id={id} />} />
    return <Loaded query={query}>{(warning) => <Found warning={warning}>{children}</Found>}</Loaded>
}

function Found({ warning, children }: { warning: Warning; children: TabProps["children"] }) {
    const copies = useCopies()
    return (
        <WarningPage warning={warning} copies={copies}>
            {children(warning, copies)}
        </WarningPage>
    )
}

export function WarningOverview({ id }: { id: string }) {
    return (
        <WarningTab id={id}>
            {(warning, copies) => (
                <Columns
                    rail={
                        <>
                            <AcknowledgePanel warning={warning} />
                            <ProtectionPanel warning={warning} />
                            <ExploitationPanel warning={warning} />
                            <PermittedUse warning={warning} />
                            <AskOperator warning={warning} />
                        </>
                    }
                >
                    <Recalls recalls={warning.recalls} />
                    <FirstSteps warning={warning} copies={copies} />
                    <Description warning={warning} copies={copies} />
                    <CopiesSection warning={warning} copies={copies} />
                    <Vulnerabilities warning={warning} />
                    <Upcoming warning={warning} />
                </Columns>
            )}
        </WarningTab>
    )
}

export function WarningReports({ id }: { id: string }) {
    return (
        <WarningTab id={id}>
            {(warning) => (
                <>
                    <FollowUps warning={warning} />
                    <SightingsSection reported={warning} />
                    <ProtectionHistory warning={warning} />
                    <ResultsSection warning={warning} />
                    <AggregatesSection warning={warning} />
                </>
            )}
        </WarningTab>
    )
}

export function WarningQuestionsTab({ id }: { id: string }) {
    return <WarningTab id={id}>{(warning) => <WarningQuestions warning={warning} />}</WarningTab>
}

export function WarningAccess({ id }: { id: string }) {
    return (
        <WarningTab id={id}>
            {(warning) => (
                <>
                    <AccessListSection id={warning.id} />
                    <EmbargoSection warning={warning} />
                </>
            )}
        </WarningTab>
    )
}

/**
 * Shows the embargo. Invitations are answered on the embargoes screen; an embargo under advance consent is left here.
 */
function EmbargoSection({ warning }: { warning: Warning }) {
    const consents = useConsents().data
    if (consents === undefined) return null
    const invitation = consents.invitations.find(({ id }) => id === warning.id)
    if (isPast(warning)) {
        return (
            <Section title={t("Embargo")}>
                <p>{t("The embargo has ended.")}</p>
            </Section>
        )
    }
    return (
        <Section title={t("Embargo")} aside={invitation === undefined && <Leave id={warning.id} />}>
            {invitation === undefined ? (
                <p>
                    {rich("You keep the content secret until {until}, by the advance consent in your agreement.", {
                        until: <When at={warning.publication} short />,
                    })}
                </p>
            ) : (
                <p>
                    {rich("The operator asked you to keep this embargo. See <link>its terms and history</link>.", {
                        link: (text) => <Link to="/to-do/embargoes">{text}</Link>,
                    })}
                </p>
            )}
        </Section>
    )
}

function Vulnerabilities({ warning }: { warning: Warning }) {
    return (
        <Section title={t("Vulnerabilities")} count={warning.vulnerabilities.length}>
            <Table
                caption={t("Vulnerabilities of this warning")}
                rows={labelled(warning.vulnerabilities)}
                keyOf={({ label }) => label}
                columns={[
                    { name: "CVE", cell: ({ label }) => <code className="code nowrap">{label}</code> },
                    { name: t("Weakness"), cell: ({ cwe }) => <span className="nowrap">{cwe}</span> },
                    { name: t("Score"), cell: ({ score }) => (score === null ? "" : decimalText(score, 1)), end: true },
                    { name: t("Affected products"), cell: ({ products }) => <AffectedProducts products={products} /> },
                ]}
            />
        </Section>
    )
}
