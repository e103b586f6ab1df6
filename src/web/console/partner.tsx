/** One partner: what is true of it and since when, its people and keys, and what can be decided about it. */
import { useState } from "react"
import { deadlineLine } from "../../trust/partners/duty.ts"
import { useRead } from "../kit/api.ts"
import { Window } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Reading } from "../kit/scroll.tsx"
import { Badge, Facts, Page, Section, Short, Table } from "../kit/table.tsx"
import type { Partner } from "./answers.ts"
import { PartnerBackground } from "./background.tsx"
import { Deliveries } from "./deliveries.tsx"
import { PartnerDues } from "./dues.tsx"
import { PartnerMeasures } from "./measures.tsx"
import { HastenKey } from "./hasten-key.tsx"
import { OwedByPartner } from "./owed.tsx"
import { PartnerActions } from "./partner-actions.tsx"
import { AgreementBadge, StandingBadge } from "./partners.tsx"
import { PartnerProposals } from "./proposals.tsx"
import { RestrictionWords } from "./restriction-words.tsx"
import { Address, Roster } from "./roster.tsx"
import { useNames } from "./viewer.tsx"
import { tierNames } from "./words.ts"
import { nameOr } from "../kit/words.ts"

export function PartnerScreen({ id }: { id: string }) {
    const one = useRead<Partner>(`/api/partners/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page
                    title={found.name}
                    kind={`Partner · ${tierNames[found.tier]} tier`}
                    aside={<StandingBadge of={found} />}
                >
                    <Section title="What is true now" aside={<PartnerActions of={found} />}>
                        <Now of={found} />
                    </Section>
                    <PartnerMeasures of={found} />
                    <Roster of={found} />
                    <Keys of={found} />
                    <Acceptances of={found} />
                    <PartnerDues of={found} />
                    <OwedByPartner of={found.id} />
                    <PartnerProposals of={found} />
                    <Duties of={found} />
                    <PartnerBackground of={found} />
                    <Deliveries of="partner" id={found.id} />
                    <History of={found} />
                </Page>
            )}
        </Loaded>
    )
}

function Now({ of }: { of: Partner }) {
    const accepted = of.acceptances.at(-1)
    return (
        <Facts
            of={[
                ["Status", <StandingBadge key="standing" of={of} />],
                ["Tier", tierNames[of.tier]],
                [
                    "Agreement",
                    <span key="agreement" className="row">
                        <AgreementBadge of={of} />
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
                ["Reports before publication", reportingWords[of.reportsBeforePublication]],
                ["Overdue", <Overdue key="overdue" of={of.overdue} />],
                ["Restriction", <RestrictionWords key="restriction" of={of.restriction} />],
                ["Contact", <Address key="contact" of={of} person={null} mail={of.mail} />],
            ]}
        />
    )
}

const reportingWords = {
    never: "no",
    when_exploited: "by duty, of cases that are known as exploited",
    always: "yes, by duty",
} as const

/** What it owes past its grace withholds content. */
function Overdue({ of }: { of: Partner["overdue"] }) {
    if (of.length === 0) return "nothing"
    return <Badge tone="bad">{of.join(", ")}: content waits until it is given</Badge>
}

function Duties({ of }: { of: Partner }) {
    return (
        <Section title="Duties">
            {of.duties.length === 0 ? (
                <Empty title="No reporting duties yet." />
            ) : (
                <Table
                    caption="Reporting duties"
                    rows={of.duties}
                    keyOf={(duty) => duty.regime}
                    columns={[
                        { name: "Regime", cell: (duty) => <strong>{duty.regime}</strong> },
                        { name: "Applies to", cell: (duty) => duty.appliesTo },
                        { name: "Trigger", cell: (duty) => duty.trigger },
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

function Keys({ of }: { of: Partner }) {
    return (
        <Section title="Keys">
            {of.keys.length === 0 ? (
                <Empty title="It has no key: nothing can be sealed for it." />
            ) : (
                <Table
                    caption="Keys of this partner"
                    rows={of.keys}
                    keyOf={(key) => key.id}
                    columns={[
                        { name: "Recipient", cell: (key) => <Short of={key.recipient} length={24} /> },
                        { name: "Added by", cell: (key) => memberName(of, key.addedBy) },
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
                        { name: "Actions", cell: (key) => <HastenKey of={of} its={key} />, end: true },
                    ]}
                />
            )}
            <MailKeys of={of} />
        </Section>
    )
}

/** What its mail is encrypted to. */
function MailKeys({ of }: { of: Partner }) {
    if (of.mailKeys.length === 0) return <p className="muted">Its mail goes in clear: it has no OpenPGP key.</p>
    return (
        <Table
            caption="OpenPGP keys that its mail is encrypted to"
            rows={of.mailKeys}
            keyOf={(key) => key.id}
            columns={[
                { name: "OpenPGP key for mail", cell: (key) => <Short of={key.fingerprint} length={24} /> },
                { name: "Added by", cell: (key) => memberName(of, key.addedBy) },
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

const memberName = (of: Partner, id: string): string =>
    nameOr(of.roster.find((one) => one.id === id)?.name, "person", false)

function Acceptances({ of }: { of: Partner }) {
    return (
        <Section title="Agreement" aside={<AgreementBadge of={of} />}>
            {of.acceptances.length === 0 ? (
                <Empty title="No lead of it has accepted the agreement." />
            ) : (
                <Table
                    caption="What it accepted, newest first"
                    rows={of.acceptances.toReversed()}
                    keyOf={({ version, at }) => `${version} ${at}`}
                    columns={[
                        { name: "Version", cell: ({ version }) => version, end: true },
                        { name: "By", cell: ({ person }) => memberName(of, person) },
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

function History({ of }: { of: Partner }) {
    const names = useNames()
    const [shown, setShown] = useState<Partner["history"][number] | null>(null)
    return (
        <Section title="What was decided, and when">
            <Table
                caption="History of decisions about this partner"
                rows={of.history.toReversed()}
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
