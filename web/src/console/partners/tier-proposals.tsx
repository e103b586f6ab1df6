/** Tier proposals from the criteria, with all their findings. People accept or dismiss them. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog, reasonField } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Partner } from "../answers.ts"
import type { Proposal } from "../access/policy-answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"
import { conditionText } from "./condition-text.ts"
import { rich, t } from "../../messages/message.ts"

export function TierProposals() {
    const open = useRead("/api/tier-proposals")
    const names = useNames()
    return (
        <Section title={t("Tier proposals")}>
            <Loaded query={open}>
                {({ proposals }) =>
                    proposals.length === 0 ? (
                        <Empty title={t("No tier proposals.")}>
                            {t(
                                "Tocsin checks the tier criteria every hour. A proposal changes nothing until you accept it.",
                            )}
                        </Empty>
                    ) : (
                        <Table
                            caption={t("Open tier proposals")}
                            rows={proposals}
                            keyOf={({ id }) => id}
                            columns={[
                                {
                                    name: t("Partner"),
                                    cell: ({ partner }) => (
                                        <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
                                    ),
                                },
                                { name: t("Change"), cell: (proposal) => <Step proposal={proposal} /> },
                                { name: t("Since"), cell: ({ createdAt }) => <When at={createdAt} short /> },
                                {
                                    name: t("Actions"),
                                    cell: (proposal) => <ProposalActions proposal={proposal} />,
                                    end: true,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

type EndedProposal = AnswerTo<"/api/partners/{id}/tier-proposals">["proposals"][number]

const outcomeTexts: Readonly<Record<NonNullable<EndedProposal["endedAs"]>, string>> = {
    accepted: t("accepted"),
    dismissed: t("dismissed"),
    superseded: t("superseded"),
}

function Outcome({ proposal: { endedAs, endedBy, reason } }: { proposal: EndedProposal }) {
    const names = useNames()
    if (endedAs === null) return <Badge tone="due">{t("open")}</Badge>
    const outcome = outcomeTexts[endedAs]
    const muted = (text: ReactNode) => <span className="muted">{text}</span>
    return (
        <>
            {endedBy === null
                ? outcome
                : rich("{outcome} <muted>by {person}</muted>", { outcome, person: names.person(endedBy), muted })}{" "}
            {muted(reason)}
        </>
    )
}

function Step({ proposal: { from, to } }: { proposal: Proposal }) {
    return (
        <>
            {tierNames[from]} → <strong>{tierNames[to]}</strong>
        </>
    )
}

function ProposalActions({ proposal }: { proposal: Proposal }) {
    return (
        <span className="row end">
            <WhyDialog proposal={proposal} />
            <Dismiss proposal={proposal} />
        </span>
    )
}

function WhyDialog({ proposal }: { proposal: Proposal }) {
    return (
        <Opens button={t("Why…")} title={t("Why {tier} is proposed", { tier: tierNames[proposal.to] })} wide>
            {() => <Findings proposal={proposal} />}
        </Opens>
    )
}

/** Shows the criteria in the text of the rules, if their version is still in force. */
function Findings({ proposal }: { proposal: Proposal }) {
    const tierRules = useRead("/api/program-rules").data?.tiers
    const rules = tierRules?.version === proposal.rulesVersion ? tierRules.rules : undefined
    const criterionOf = ({ tier, criterion }: Proposal["findings"][number]) =>
        rules?.[tier].find(({ id }) => id === criterion)
    return (
        <>
            <p className="muted">
                {rich(
                    "By version {version} of the criteria, {checkedAt}. A partner reaches a tier if it meets all its criteria and those of lower tiers. One unmet criterion loses the tier.",
                    { version: proposal.rulesVersion, checkedAt: <When at={proposal.createdAt} short /> },
                )}
            </p>
            <Table
                caption={t("Criteria by tier")}
                rows={proposal.findings}
                keyOf={({ tier, criterion }) => `${tier} ${criterion}`}
                columns={[
                    { name: t("Tier"), cell: ({ tier }) => tierNames[tier] },
                    { name: t("Criterion"), cell: (finding) => criterionOf(finding)?.text ?? finding.criterion },
                    {
                        name: t("Required"),
                        cell: (finding) => {
                            const criterion = criterionOf(finding)
                            return criterion === undefined ? "" : conditionText(criterion)
                        },
                    },
                    { name: t("Found"), cell: ({ value }) => value ?? t("unknown"), end: true },
                    { name: t("Met"), cell: ({ met }) => <Met subject={met} /> },
                ]}
            />
        </>
    )
}

function Met({ subject }: { subject: boolean | null }) {
    if (subject === null) return <Badge>{t("unknown")}</Badge>
    return <Badge tone={subject ? "good" : "bad"}>{subject ? t("met") : t("not met")}</Badge>
}

function Dismiss({ proposal }: { proposal: Proposal }) {
    const names = useNames()
    return (
        <FormDialog
            button={t("Dismiss…")}
            title={t("Dismiss the tier proposal for {partner}", { partner: names.partner(proposal.partner) })}
            submit={t("Dismiss proposal")}
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    ...reasonField,
                    check: (input) => (input.trim().length >= 10 ? null : t("write 10 characters or more")),
                },
            ]}
            write={(body) => writeTo("POST", `/api/tier-proposals/${proposal.id}/dismiss`, body)}
        >
            <p className="muted">
                {t(
                    "The same tier is not proposed again for a quarter. To accept the proposal, change the tier on the partner's page.",
                )}
            </p>
        </FormDialog>
    )
}

/** The proposals on the partner's page, with their outcomes. */
export function PartnerProposals({ partner }: { partner: Partner }) {
    const query = useRead(`/api/partners/${partner.id}/tier-proposals`)
    if (query.data?.proposals.length === 0) return null
    return (
        <Section title={t("Tier proposals")}>
            <Loaded query={query}>
                {({ proposals }) => (
                    <Table
                        tall
                        caption={t("Proposed tiers of this partner, newest first")}
                        rows={proposals}
                        keyOf={({ id }) => id}
                        columns={[
                            { name: t("Proposed"), cell: ({ createdAt }) => <When at={createdAt} short /> },
                            { name: t("Change"), cell: (endedProposal) => <Step proposal={endedProposal} /> },
                            {
                                name: t("Outcome"),
                                cell: (endedProposal) => <Outcome proposal={endedProposal} />,
                            },
                            {
                                name: t("Actions"),
                                cell: (endedProposal) =>
                                    endedProposal.endedAt === null ? (
                                        <ProposalActions proposal={endedProposal} />
                                    ) : (
                                        <WhyDialog proposal={endedProposal} />
                                    ),
                                end: true,
                            },
                        ]}
                    />
                )}
            </Loaded>
        </Section>
    )
}
