/** One partner: its facts and their instants, people, keys, and possible decisions. */
import { valueText } from "@tocsin/base/value-text"
import { useState } from "react"
import { deadlineLine } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { useRead } from "../api.ts"
import { Window } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Reading } from "../../kit/scroll.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Section, Short, Table } from "../../kit/table.tsx"
import type { Partner } from "../answers.ts"
import { PartnerBackground } from "./due-diligence.tsx"
import { Deliveries } from "../release/deliveries.tsx"
import { PartnerDues } from "./requirements.tsx"
import { PartnerMeasures } from "../measures/measures.tsx"
import { HastenKey } from "./activate-key.tsx"
import { OwedByPartner } from "../cases/reports/follow-ups.tsx"
import { PartnerActions } from "./partner-actions.tsx"
import { AgreementBadge, StandingBadge } from "./partners.tsx"
import { PartnerProposals } from "./tier-proposals.tsx"
import { RestrictionWords } from "../measures/restriction-text.tsx"
import { Address, Roster } from "./roster.tsx"
import { useNames } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { nameOr } from "../../kit/text.ts"

export function PartnerScreen({ id }: { id: string }) {
    const query = useRead(`/api/partners/${id}`)
    return (
        <Loaded query={query}>
            {(found) => (
                <Page
                    title={found.name}
                    tabTitle="Partner"
                    path={[{ to: "/partners", name: "Partners" }]}
                    lead={`${tierNames[found.tier]} tier`}
                    aside={<StandingBadge row={found} />}
                >
                    <Section title="What is true now" aside={<PartnerActions partner={found} />}>
                        <Now partner={found} />
                    </Section>
                    <PartnerMeasures partner={found} />
                    <Roster partner={found} />
                    <Keys partner={found} />
                    <Acceptances partner={found} />
                    <PartnerDues partner={found} />
                    <OwedByPartner id={found.id} />
                    <PartnerProposals partner={found} />
                    <Duties partner={found} />
                    <PartnerBackground partner={found} />
                    <Deliveries caseId="partner" id={found.id} />
                    <History partner={found} />
                </Page>
            )}
        </Loaded>
    )
}

function Now({ partner }: { partner: Partner }) {
    const accepted = partner.acceptances.at(-1)
    return (
        <Facts
            items={[
                ["Status", <StandingBadge key="status" row={partner} />],
                ["Tier", tierNames[partner.tier]],
                [
                    "Agreement",
                    <span key="agreement" className="row">
                        <AgreementBadge row={partner} />
                        {accepted !== undefined && (
                            <span className="muted">
                                version {accepted.version}
                                {accepted.endsAt !== null && (
                                    <>
                                        , until <When at={accepted.endsAt} short />
                                    </>
                                )}
                            </span>
                        )}
                    </span>,
                ],
                ["Reports before publication", reportingWords[partner.reportsBeforePublication]],
                ["Overdue", <Overdue key="overdue" overdue={partner.overdue} />],
                ["Restriction", <RestrictionWords key="restriction" restriction={partner.restriction} />],
                ["Contact", <Address key="contact" partner={partner} person={null} mail={partner.mail} />],
            ]}
        />
    )
}

const reportingWords = {
    never: "no",
    when_exploited: "by duty, of cases that are known as exploited",
    always: "yes, by duty",
} as const

/** Shows requirements past their grace period, which withhold content. */
function Overdue({ overdue }: { overdue: Partner["overdue"] }) {
    if (overdue.length === 0) return "nothing"
    return <Badge tone="bad">{overdue.map(valueText).join(", ")}: content waits until it is given</Badge>
}

function Duties({ partner }: { partner: Partner }) {
    return (
        <Section title="Duties">
            {partner.duties.length === 0 ? (
                <Empty title="No reporting duties yet." />
            ) : (
                <Table
                    caption="Reporting duties"
                    rows={partner.duties}
                    keyOf={(duty) => duty.regime}
                    columns={[
                        { name: "Regime", cell: (duty) => <strong>{duty.regime}</strong> },
                        { name: "Applies to", cell: (duty) => valueText(duty.appliesTo) },
                        { name: "Trigger", cell: (duty) => valueText(duty.trigger) },
                        { name: "Requirements", cell: (duty) => duty.deadlines.map(deadlineLine).join("; ") },
                        { name: "Authority", cell: (duty) => duty.authority },
                        {
                            name: "Source",
                            cell: (duty) => (
                                <span className="muted">
                                    {duty.source}, {duty.date}
                                </span>
                            ),
                        },
                    ]}
                />
            )}
        </Section>
    )
}

function Keys({ partner }: { partner: Partner }) {
    return (
        <Section title="Keys">
            {partner.keys.length === 0 ? (
                <Empty title="It has no key: nothing can be sealed for it." />
            ) : (
                <Table
                    caption="Keys of this partner"
                    rows={partner.keys}
                    keyOf={(key) => key.id}
                    columns={[
                        { name: "Recipient", cell: (key) => <Short id={key.recipient} length={24} /> },
                        { name: "Added by", cell: (key) => memberName(partner, key.addedBy) },
                        {
                            name: "Usable from",
                            cell: (key) => (
                                <>
                                    <When at={key.usableFrom} short />{" "}
                                    {key.activatedEarlyAt !== null && (
                                        <Badge tone="due">by two of us, before its day</Badge>
                                    )}
                                </>
                            ),
                        },
                        {
                            name: "Ends",
                            cell: (key) => <When at={key.expiresAt} short />,
                        },
                        {
                            name: "Revoked",
                            cell: (key) => (key.revokedAt === null ? "no" : <When at={key.revokedAt} short />),
                        },
                        {
                            name: "Opened a test copy",
                            cell: (key) => (key.testedAt === null ? "never" : <When at={key.testedAt} short />),
                        },
                        { name: "Actions", cell: (key) => <HastenKey partner={partner} otherKey={key} />, end: true },
                    ]}
                />
            )}
            <MailKeys partner={partner} />
        </Section>
    )
}

/** Shows the keys that the partner's mail is encrypted to. */
function MailKeys({ partner }: { partner: Partner }) {
    if (partner.mailKeys.length === 0) return <p className="muted">Its mail goes in clear: it has no OpenPGP key.</p>
    return (
        <Table
            caption="OpenPGP keys that its mail is encrypted to"
            rows={partner.mailKeys}
            keyOf={(key) => key.id}
            columns={[
                { name: "OpenPGP key for mail", cell: (key) => <Short id={key.fingerprint} length={24} /> },
                { name: "Added by", cell: (key) => memberName(partner, key.addedBy) },
                { name: "Usable from", cell: (key) => <When at={key.usableFrom} short /> },
                { name: "Ends", cell: (key) => <When at={key.expiresAt} short /> },
                {
                    name: "Revoked",
                    cell: (key) => (key.revokedAt === null ? "no" : <When at={key.revokedAt} short />),
                },
                { name: "Failed", cell: (key) => (key.failedAt === null ? "no" : <When at={key.failedAt} short />) },
            ]}
        />
    )
}

const memberName = (partner: Partner, id: string): string =>
    nameOr(partner.roster.find((member) => member.id === id)?.name, "person", false)

function Acceptances({ partner }: { partner: Partner }) {
    return (
        <Section title="Agreement" aside={<AgreementBadge row={partner} />}>
            {partner.acceptances.length === 0 ? (
                <Empty title="No lead of it has accepted the agreement." />
            ) : (
                <Table
                    caption="What it accepted, newest first"
                    rows={partner.acceptances.toReversed()}
                    keyOf={({ version, at }) => `${version} ${at}`}
                    columns={[
                        { name: "Version", cell: ({ version }) => version, end: true },
                        { name: "By", cell: ({ person }) => memberName(partner, person) },
                        { name: "At", cell: ({ at }) => <When at={at} /> },
                        {
                            name: "Holds until",
                            cell: ({ endsAt }) => (endsAt === null ? "a newer version" : <When at={endsAt} short />),
                        },
                    ]}
                />
            )}
        </Section>
    )
}

function History({ partner }: { partner: Partner }) {
    const names = useNames()
    const [shown, setShown] = useState<Partner["history"][number] | null>(null)
    return (
        <Section title="What was decided, and when">
            <Table
                caption="History of decisions about this partner"
                rows={partner.history.toReversed()}
                keyOf={(row) => `${row.fact} ${row.from} ${JSON.stringify(row.value)}`}
                columns={[
                    { name: "From", cell: (row) => <When at={row.from} /> },
                    { name: "Fact", cell: (row) => row.fact },
                    {
                        name: "Value",
                        cell: (row) =>
                            typeof row.value === "string" ? (
                                row.value
                            ) : (
                                <button type="button" className="link" onClick={() => setShown(row)}>
                                    {summaryOf(row.value)}
                                </button>
                            ),
                    },
                    {
                        name: "By",
                        cell: (row) => (
                            <span className="muted">{row.by === null ? "the program" : names.person(row.by)}</span>
                        ),
                    },
                ]}
            />
            <Window title={shown?.fact ?? ""} open={shown !== null} onClose={() => setShown(null)}>
                <Reading label="Value" text={JSON.stringify(shown?.value, null, 2) ?? ""} />
            </Window>
        </Section>
    )
}

function summaryOf(value: unknown): string {
    if (value === null) return "none"
    return Array.isArray(value) ? `${value.length} in the list` : "details"
}
