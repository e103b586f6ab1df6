/** Partners' requirements: of all, and of one with its submissions; and when each withholds content. */
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
import { rich, t, valueText } from "../../messages/message.ts"

export const stateWords: Words<Due["state"]> = {
    met: { name: t("met"), tone: "good" },
    due: { name: t("due"), tone: "due" },
    overdue: { name: t("overdue"), tone: "bad" },
}

/** What each requirement asks of the partner. */
const kindTexts: Readonly<Record<Due["kind"], string>> = {
    agreement: t("accept the agreement that applies next"),
    attestation: t("state for each obligation whether it was kept"),
    regular_reports: t("report regularly, zero reports included"),
    mailbox: t("verify that the mailbox is read"),
    key: t("have a usable key"),
    lead: t("have a lead"),
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
            title={t("Requirements and tiers")}
            lead={t("A requirement that stays overdue past its grace period withholds content.")}
        >
            <TierProposals />
            <Section title={t("Requirements of partners")}>
                <Loaded query={query}>
                    {({ partners }) => {
                        const rows = partners.flatMap(({ partner, requirements }) =>
                            requirements.map((requirement) => ({ ...requirement, partner })),
                        )
                        if (rows.length === 0)
                            return (
                                <Empty title={t("No requirements yet.")}>
                                    {t("Active partners have requirements.")}
                                </Empty>
                            )
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
            dense
            tall
            caption={t("Requirements of partners, the most urgent first")}
            rows={rows.toSorted(inOrder)}
            keyOf={({ partner, kind }) => `${partner} ${kind}`}
            columns={[
                {
                    name: t("Partner"),
                    cell: ({ partner }) => <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>,
                },
                ...columns,
            ]}
        />
    )
}

const columns = [
    {
        name: t("Requirement"),
        cell: ({ kind }: Due) => (
            <>
                <strong>{valueText(kind)}</strong> <span className="muted">{kindTexts[kind]}</span>
            </>
        ),
    },
    {
        name: t("State"),
        cell: ({ state }: Due) => <Badge tone={stateWords[state].tone}>{stateWords[state].name}</Badge>,
    },
    { name: t("Due"), cell: ({ dueAt }: Due) => <When at={dueAt} short /> },
    { name: t("Content withheld from"), cell: (requirement: Due) => <WithheldFrom requirement={requirement} /> },
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
        <Section title={t("Requirements")} aside={<EffectsWhenOverdue partner={partner} />}>
            <Loaded query={query}>
                {({ requirements, submitted }) => (
                    <>
                        {requirements.length === 0 ? (
                            <Empty title={t("No requirements.")} />
                        ) : (
                            <Table
                                caption={t("State and deadline of each requirement")}
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
            button={t("Effects when overdue…")}
            look="quiet"
            title={t("What {partner} loses by overdue requirements", { partner: partner.name })}
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
                                {rich("{requirement}: from {start}", {
                                    requirement: valueText(kind),
                                    start: <When at={withheldFrom} short />,
                                })}
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
            <h3>{t("Submitted")}</h3>
            <Table
                tall
                caption={t("Submitted attestations and regular reports")}
                rows={statements}
                keyOf={({ id }) => id}
                columns={[
                    { name: t("Submitted"), cell: ({ at }) => <When at={at} short /> },
                    { name: t("Kind"), cell: ({ kind }) => valueText(kind) },
                    { name: t("Agreement"), cell: ({ version }) => t("version {version}", { version }) },
                    { name: t("By"), cell: ({ person }) => nameOf(person) },
                    { name: t("Content"), cell: summaryOf },
                    { name: t("Actions"), cell: (statement) => <StatementDialog statement={statement} />, end: true },
                ]}
            />
        </>
    )
}

function summaryOf({ body, nothing }: Statement): string {
    if (!("obligations" in body)) return nothing ? t("zero report") : body.text.slice(0, 80)
    const broken = body.obligations.filter(({ kept }) => !kept).length
    return broken === 0 ? t("all kept") : t("{broken} of {total} not kept", { broken, total: body.obligations.length })
}

function StatementDialog({ statement }: { statement: Statement }) {
    const { body } = statement
    return (
        <Opens
            button={t("Read…")}
            look="quiet"
            title={statement.kind === "attestation" ? t("Attestation") : t("Regular report")}
        >
            {() =>
                "obligations" in body ? (
                    <Facts
                        items={body.obligations.map(({ id, kept, note }) => [
                            id,
                            <span key={id}>
                                <Badge tone={kept ? "good" : "bad"}>{kept ? t("kept") : t("not kept")}</Badge> {note}
                            </span>,
                        ])}
                    />
                ) : (
                    <p className="letter">{body.nothing ? t("Zero report: nothing was observed.") : body.text}</p>
                )
            }
        </Opens>
    )
}
