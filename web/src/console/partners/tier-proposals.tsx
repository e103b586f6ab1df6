/** Tier proposals from the criteria, with all their findings. People accept or dismiss them. */
import { valueText } from "@tocsin/base/value-text"
import { Link } from "@tanstack/react-router"
import { useRead, writeTo } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Partner } from "../answers.ts"
import type { Proposal } from "../access/policy-answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"

export function TierProposals() {
    const open = useRead("/api/tier-proposals")
    const names = useNames()
    return (
        <Section title="Tiers that the criteria propose">
            <Loaded query={open}>
                {({ proposals }) =>
                    proposals.length === 0 ? (
                        <Empty title="No other tier is proposed for anybody.">
                            The program looks every hour; what it proposes decides nothing.
                        </Empty>
                    ) : (
                        <Table
                            caption="Proposed tiers"
                            rows={proposals}
                            keyOf={({ id }) => id}
                            columns={[
                                {
                                    name: "Partner",
                                    cell: ({ partner }) => (
                                        <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
                                    ),
                                },
                                { name: "Change", cell: (proposal) => <Step proposal={proposal} /> },
                                { name: "Since", cell: ({ createdAt }) => <When at={createdAt} short /> },
                                {
                                    name: "Actions",
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
            <SetAside proposal={proposal} />
        </span>
    )
}

function WhyDialog({ proposal }: { proposal: Proposal }) {
    return (
        <Opens button="Why…" title={`Why ${tierNames[proposal.to]} is proposed`} wide>
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
                By version {proposal.rulesVersion} of the criteria, at <When at={proposal.createdAt} short />. A tier is
                reached by all of its criteria and of those below; it is lost by one that is not met.
            </p>
            <Table
                caption="What was looked at, tier by tier"
                rows={proposal.findings}
                keyOf={({ tier, criterion }) => `${tier} ${criterion}`}
                columns={[
                    { name: "Tier", cell: ({ tier }) => tierNames[tier] },
                    { name: "Criterion", cell: (finding) => criterionOf(finding)?.text ?? finding.criterion },
                    {
                        name: "Asked",
                        cell: (finding) => {
                            const criterion = criterionOf(finding)
                            return criterion === undefined
                                ? ""
                                : `${valueText(criterion.fact)} ${valueText(criterion.is)} ${criterion.value}`
                        },
                    },
                    { name: "Found", cell: ({ value }) => value ?? "not known", end: true },
                    { name: "Met", cell: ({ met }) => <Met subject={met} /> },
                ]}
            />
        </>
    )
}

function Met({ subject }: { subject: boolean | null }) {
    if (subject === null) return <Badge>not known</Badge>
    return <Badge tone={subject ? "good" : "bad"}>{subject ? "met" : "not met"}</Badge>
}

function SetAside({ proposal }: { proposal: Proposal }) {
    const names = useNames()
    return (
        <FormDialog
            button="Set aside…"
            title={`Keep ${names.partner(proposal.partner)} where it is`}
            submit="Set it aside"
            disabledReason={useWhyNot()("partner:write")}
            requests={[
                {
                    name: "reason",
                    label: "Why",
                    kind: "text",
                    check: (input) => (input.trim().length >= 10 ? null : "ten characters or more"),
                },
            ]}
            write={(body) => writeTo("POST", `/api/tier-proposals/${proposal.id}/dismiss`, body)}
        >
            <p className="muted">
                The same is not proposed again for a quarter. To take the proposal, set the tier on the partner's page.
            </p>
        </FormDialog>
    )
}

/** The proposals on the partner's page, with their outcomes. */
export function PartnerProposals({ partner }: { partner: Partner }) {
    const query = useRead(`/api/partners/${partner.id}/tier-proposals`)
    const names = useNames()
    if (query.data?.proposals.length === 0) return null
    return (
        <Section title="Tiers that were proposed">
            <Loaded query={query}>
                {({ proposals }) => (
                    <Table
                        tall
                        caption="Proposed tiers of this partner, newest first"
                        rows={proposals}
                        keyOf={({ id }) => id}
                        columns={[
                            { name: "Made", cell: ({ createdAt }) => <When at={createdAt} short /> },
                            { name: "Change", cell: (endedProposal) => <Step proposal={endedProposal} /> },
                            {
                                name: "What came of it",
                                cell: (endedProposal) => (
                                    <>
                                        {endedProposal.endedAs ?? <Badge tone="due">open</Badge>}{" "}
                                        <span className="muted">
                                            {endedProposal.endedBy !== null &&
                                                `by ${names.person(endedProposal.endedBy)}`}{" "}
                                            {endedProposal.reason}
                                        </span>
                                    </>
                                ),
                            },
                            {
                                name: "Actions",
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
