/** What a partner sees and maintains about itself: status, duties, agreement, people and keys. */
import { valueText } from "@tocsin/base/value-text"
import { deadlineLine } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { standingWords } from "../../kit/text.ts"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Section } from "../../kit/table.tsx"
import { AgreementSection } from "./agreement.tsx"
import { Keys } from "./keys.tsx"
import { MailKeys } from "./mail-keys.tsx"
import { NoticeFilter } from "./notice-filter.tsx"
import { Roster } from "./roster.tsx"
import { Vouching } from "./vouch.tsx"
import { useMe } from "../viewer.ts"

export function Organisation() {
    const { partner } = useMe()
    const status = standingWords[partner.status]
    return (
        <Page title="Organisation" lead={partner.name} aside={<Badge tone={status.tone}>{status.name}</Badge>}>
            <Section title="What is true now">
                <Facts
                    items={[
                        ["Status", status.name],
                        ["Tier", partner.tier],
                        ["Contact", partner.mail],
                        ["Reporting duties", <DutyWords key="duties" />],
                    ]}
                />
            </Section>
            <AgreementSection />
            <Keys />
            <MailKeys />
            <NoticeFilter />
            <Roster />
            <Vouching />
        </Page>
    )
}

function DutyWords() {
    const { duties } = useMe().partner
    if (duties.length === 0) return "none known"
    return (
        <ul className="stack">
            {duties.map((duty) => (
                <li key={duty.regime}>
                    <strong>{duty.regime}</strong>: {valueText(duty.trigger)}, to {duty.authority}:{" "}
                    {duty.deadlines.map(deadlineLine).join("; ")}.{" "}
                    <span className="muted">
                        Source: {duty.source}, {duty.date}
                    </span>
                </li>
            ))}
        </ul>
    )
}
