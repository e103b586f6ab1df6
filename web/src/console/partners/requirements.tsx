/** Partners' requirements: of all, and of one with its submissions; and when each withholds content. */
import { valueText } from "@tocsin/base/value-text"
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import { useRead, writeTo } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
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
    overdue: { name: "overdue, content waits", tone: "bad" },
}

/** What each kind requires of the partner. */
const kindWords: Readonly<Record<Due["kind"], string>> = {
    agreement: "accepts the agreement that binds it next",
    attestation: "attests what it kept of the agreement",
    regular_reports: "reports, zero reports included",
    mailbox: "proves that its mailbox is read",
    key: "has a key that copies can be sealed for",
    lead: "has a lead on its roster",
}

interface Owed extends Due {
    readonly partner: string
}

const rank: Readonly<Record<Due["state"], number>> = { overdue: 0, due: 1, met: 2 }

const inOrder = (a: Due, b: Due): number =>
    rank[a.state] - rank[b.state] || parseInstant(a.withheldFrom) - parseInstant(b.withheldFrom)

export function DuesScreen() {
    const query = useRead("/api/requirements")
    return (
        <Page title="Requirements and tiers">
            <TierProposals />
            <Section title="Requirements of partners">
                <Loaded query={query}>
                    {({ partners }) => {
                        const owed = partners.flatMap(({ partner, requirements }) =>
                            requirements.map((requirement) => ({ ...requirement, partner })),
                        )
                        if (owed.length === 0) return <Empty title="No active partner has requirements." />
                        return <DuesTable followUps={owed} />
                    }}
                </Loaded>
            </Section>
        </Page>
    )
}

function DuesTable({ followUps }: { followUps: readonly Owed[] }) {
    const names = useNames()
    return (
        <Table
            tall
            caption="Requirements of partners, the most urgent first"
            rows={followUps.toSorted(inOrder)}
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
        name: "What",
        cell: ({ kind }: Due) => (
            <>
                <strong>{valueText(kind)}</strong> <span className="muted">{kindWords[kind]}</span>
            </>
        ),
    },
    { name: "State", cell: ({ state }: Due) => <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge> },
    { name: "Falls due", cell: ({ dueAt }: Due) => <When at={dueAt} short /> },
    { name: "Content waits from", cell: (requirement: Due) => <Lowers requirement={requirement} /> },
]

function Lowers({ requirement }: { requirement: Due }) {
    return (
        <>
            <When at={requirement.withheldFrom} short /> <Distance at={requirement.withheldFrom} now={useNow()} />
        </>
    )
}

/** The requirements on the partner's page. */
export function PartnerDues({ partner }: { partner: Partner }) {
    const query = useRead(`/api/partners/${partner.id}/requirements`)
    return (
        <Section title="Requirements" aside={<BounceDialog partner={partner} />}>
            <Loaded query={query}>
                {({ requirements, submitted: given }) => (
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
                        {requirements.length > 0 && <DuesPreview partner={partner} />}
                        {given.length > 0 && <Given statements={given} partner={partner} />}
                    </>
                )}
            </Loaded>
        </Section>
    )
}

/** Previews what the partner would lose over all cases, for each overdue requirement. */
function DuesPreview({ partner }: { partner: Partner }) {
    const disabledReason = useWhyNot()("entitlement:read")
    if (disabledReason !== null) return null
    return (
        <Opens button="What it would lose…" look="quiet" title={`What ${partner.name} would lose by what it owes`} wide>
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
                                {valueText(kind)}: from <When at={withheldFrom} short /> on
                            </h3>
                            <Changed differences={differences} alone />
                        </section>
                    ))}
                </>
            )}
        </Loaded>
    )
}

function Given({ statements, partner }: { statements: readonly Statement[]; partner: Partner }) {
    const nameOf = (id: string) => nameOr(partner.roster.find((member) => member.id === id)?.name, "person", false)
    return (
        <>
            <h3>Given</h3>
            <Table
                tall
                caption="What it attested and reported"
                rows={statements}
                keyOf={({ id }) => id}
                columns={[
                    { name: "At", cell: ({ at }) => <When at={at} short /> },
                    { name: "What", cell: ({ kind }) => valueText(kind) },
                    { name: "Agreement", cell: ({ version }) => `version ${version}` },
                    { name: "By", cell: ({ person }) => nameOf(person) },
                    { name: "It says", cell: summaryOf },
                    { name: "Actions", cell: (statement) => <StatementDialog statement={statement} />, end: true },
                ]}
            />
        </>
    )
}

function summaryOf({ body, nothing }: Statement): string {
    if (!("obligations" in body)) return nothing ? "nothing: a zero report" : body.text.slice(0, 80)
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
                    <p className="letter">{body.nothing ? "There was nothing to report." : body.text}</p>
                )
            }
        </Opens>
    )
}

/** Reports bounced mail. The partner must then verify its mailbox. */
function BounceDialog({ partner }: { partner: Partner }) {
    const present = partner.roster.filter(({ left }) => !left)
    return (
        <FormDialog
            button="Report bounced mail…"
            title={`Mail to ${partner.name} came back`}
            submit="Note it"
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    name: "person",
                    label: "Whose address",
                    kind: "choice",
                    from: [
                        { value: "", name: `the partner's own, ${partner.mail}` },
                        ...present.map(({ id, name, mail }) => ({ value: id, name: `${name}, ${mail}` })),
                    ],
                },
            ]}
            write={({ person }) =>
                writeTo("POST", `/api/partners/${partner.id}/bounces`, { person: person === "" ? null : person })
            }
        >
            <p className="muted">From now on it owes a proof that its mailbox is read, and is told so.</p>
        </FormDialog>
    )
}
