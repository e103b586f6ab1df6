/** Partners' requirements: of all, and of one with its submissions; and when each withholds content. */
import { valueText } from "@tocsin/base/value-text"
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useRead } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Section, Table } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { Partner } from "../answers.ts"
import type { Due, Statement } from "../access/policy-answers.ts"
import { Changed } from "../release/change-preview.tsx"
import { TierProposals } from "./tier-proposals.tsx"
import { useNames, useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { nameOr } from "../../kit/text.ts"

const stateWords: Words<Due["state"]> = {
    met: { name: "met", tone: "good" },
    due: { name: "due", tone: "due" },
    overdue: { name: "overdue", tone: "bad" },
}

/** What each requirement asks of the partner. */
const kindTexts: Readonly<Record<Due["kind"], string>> = {
    agreement: "accept the agreement that applies next",
    attestation: "state for each obligation whether it was kept",
    regular_reports: "report regularly, zero reports included",
    mailbox: "verify that the mailbox is read",
    key: "have a usable key",
    lead: "have a lead",
}

interface PartnerRequirement extends Due {
    readonly partner: string
}

const rank: Readonly<Record<Due["state"], number>> = { overdue: 0, due: 1, met: 2 }

const inOrder = (a: Due, b: Due): number =>
    rank[a.state] - rank[b.state] || parseInstant(a.withheldFrom) - parseInstant(b.withheldFrom)

export function RequirementsScreen() {
    const query = useRead("/api/requirements")
    return (
        <Page
            title="Requirements and tiers"
            lead="A requirement that stays overdue past its grace period withholds content."
        >
            <TierProposals />
            <Section title="Requirements of partners">
                <Loaded query={query}>
                    {({ partners }) => {
                        const rows = partners.flatMap(({ partner, requirements }) =>
                            requirements.map((requirement) => ({ ...requirement, partner })),
                        )
                        if (rows.length === 0)
                            return <Empty title="No requirements yet.">Active partners have requirements.</Empty>
                        return <RequirementsTable rows={rows} />
                    }}
                </Loaded>
            </Section>
        </Page>
    )
}

function RequirementsTable({ rows }: { rows: readonly PartnerRequirement[] }) {
    const names = useNames()
    return (
        <Table
            tall
            caption="Requirements of partners, the most urgent first"
            rows={rows.toSorted(inOrder)}
            keyOf={({ partner, kind }) => `${partner} ${kind}`}
            columns={[
                {
                    name: "Partner",
                    cell: ({ partner }) => <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>,
                },
                ...columns,
            ]}
        />
    )
}

const columns = [
    {
        name: "Requirement",
        cell: ({ kind }: Due) => (
            <>
                <strong>{valueText(kind)}</strong> <span className="muted">{kindTexts[kind]}</span>
            </>
        ),
    },
    { name: "State", cell: ({ state }: Due) => <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge> },
    { name: "Due", cell: ({ dueAt }: Due) => <When at={dueAt} short /> },
    { name: "Content withheld from", cell: (requirement: Due) => <WithheldFrom requirement={requirement} /> },
]

function WithheldFrom({ requirement }: { requirement: Due }) {
    return (
        <>
            <When at={requirement.withheldFrom} short /> <Distance at={requirement.withheldFrom} now={useNow()} />
        </>
    )
}

/** The requirements on the partner's page. */
export function PartnerRequirements({ partner }: { partner: Partner }) {
    const query = useRead(`/api/partners/${partner.id}/requirements`)
    return (
        <Section title="Requirements" aside={<EffectsWhenOverdue partner={partner} />}>
            <Loaded query={query}>
                {({ requirements, submitted }) => (
                    <>
                        {requirements.length === 0 ? (
                            <Empty title="No requirements." />
                        ) : (
                            <Table
                                caption="State and deadline of each requirement"
                                rows={requirements.toSorted(inOrder)}
                                keyOf={({ kind }) => kind}
                                columns={columns}
                            />
                        )}
                        {submitted.length > 0 && <Submitted statements={submitted} partner={partner} />}
                    </>
                )}
            </Loaded>
        </Section>
    )
}

/** Previews what the partner would lose over all cases, for each overdue requirement. */
function EffectsWhenOverdue({ partner }: { partner: Partner }) {
    const disabledReason = useWhyNot()("entitlement:read")
    if (disabledReason !== null) return null
    return (
        <Opens
            button="Effects when overdue…"
            look="quiet"
            title={`What ${partner.name} loses by overdue requirements`}
            wide
        >
            {() => <Losses id={partner.id} />}
        </Opens>
    )
}

function Losses({ id: subject }: { id: string }) {
    const preview = useRead(`/api/partners/${subject}/requirements/preview`)
    return (
        <Loaded query={preview}>
            {({ requirements }) => (
                <>
                    {requirements.map(({ kind, withheldFrom, differences }) => (
                        <section key={kind} aria-label={valueText(kind)}>
                            <h3>
                                {valueText(kind)}: from <When at={withheldFrom} short />
                            </h3>
                            <Changed differences={differences} alone />
                        </section>
                    ))}
                </>
            )}
        </Loaded>
    )
}

function Submitted({ statements, partner }: { statements: readonly Statement[]; partner: Partner }) {
    const nameOf = (id: string) => nameOr(partner.roster.find((member) => member.id === id)?.name, "person", false)
    return (
        <>
            <h3>Submitted</h3>
            <Table
                tall
                caption="Submitted attestations and regular reports"
                rows={statements}
                keyOf={({ id }) => id}
                columns={[
                    { name: "Submitted", cell: ({ at }) => <When at={at} short /> },
                    { name: "Kind", cell: ({ kind }) => valueText(kind) },
                    { name: "Agreement", cell: ({ version }) => `version ${version}` },
                    { name: "By", cell: ({ person }) => nameOf(person) },
                    { name: "Content", cell: summaryOf },
                    { name: "Actions", cell: (statement) => <StatementDialog statement={statement} />, end: true },
                ]}
            />
        </>
    )
}

function summaryOf({ body, nothing }: Statement): string {
    if (!("obligations" in body)) return nothing ? "zero report" : body.text.slice(0, 80)
    const broken = body.obligations.filter(({ kept }) => !kept).length
    return broken === 0 ? "all kept" : `${broken} of ${body.obligations.length} not kept`
}

function StatementDialog({ statement }: { statement: Statement }) {
    const { body } = statement
    return (
        <Opens
            button={`Read…`}
            look="quiet"
            title={statement.kind === "attestation" ? "Attestation" : "Regular report"}
        >
            {() =>
                "obligations" in body ? (
                    <Facts
                        items={body.obligations.map(({ id, kept, note }) => [
                            id,
                            <span key={id}>
                                <Badge tone={kept ? "good" : "bad"}>{kept ? "kept" : "not kept"}</Badge> {note}
                            </span>,
                        ])}
                    />
                ) : (
                    <p className="letter">{body.nothing ? "Zero report: nothing was observed." : body.text}</p>
                )
            }
        </Opens>
    )
}
