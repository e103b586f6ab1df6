/** Tiers that the criteria propose: with everything that was looked at, to be taken or set aside by persons. */
import { Link } from "@tanstack/react-router"
import type { MeasuredFact } from "../../trust/partners/qualification.ts"
import { useRead } from "../kit/api.ts"
import { Opens } from "../kit/dialog.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Section, Table } from "../kit/table.tsx"
import type { Partner } from "./answers.ts"
import type { AllRules, EndedProposal, Proposal } from "./circle-answers.ts"
import { useNames, useWhyNot } from "./viewer.tsx"
import { tierNames } from "./words.ts"

interface Open {
    readonly facts: readonly MeasuredFact[]
    readonly proposals: readonly Proposal[]
}

export function TierProposals() {
    const open = useRead<Open>("/api/tier-proposals")
    const names = useNames()
    return (
        <Section title="Tiers that the criteria propose">
            <Loaded of={open}>
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
                                { name: "Change", cell: (one) => <Step of={one} /> },
                                { name: "Since", cell: ({ madeAt }) => <When at={madeAt} short /> },
                                { name: "Actions", cell: (one) => <ProposalActions of={one} />, end: true },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

function Step({ of: { from, to } }: { of: Proposal }) {
    return (
        <>
            {tierNames[from]} → <strong>{tierNames[to]}</strong>
        </>
    )
}

function ProposalActions({ of }: { of: Proposal }) {
    return (
        <span className="row end">
            <WhyDialog of={of} />
            <SetAside of={of} />
        </span>
    )
}

function WhyDialog({ of }: { of: Proposal }) {
    return (
        <Opens button="Why…" title={`Why ${tierNames[of.to]} is proposed`} wide>
            {() => <Findings of={of} />}
        </Opens>
    )
}

/** By the rules' own words, where their version is still the one in force. */
function Findings({ of }: { of: Proposal }) {
    const tierRules = useRead<AllRules>("/api/program-rules").data?.tiers
    const rules = tierRules?.version === of.rulesVersion ? tierRules.rules : undefined
    const criterionOf = ({ tier, criterion }: Proposal["findings"][number]) =>
        rules?.[tier].find(({ id }) => id === criterion)
    return (
        <>
            <p className="muted">
                By version {of.rulesVersion} of the criteria, at <When at={of.madeAt} short />. A tier is reached by all
                of its criteria and of those below; it is lost by one that is not met.
            </p>
            <Table
                caption="What was looked at, tier by tier"
                rows={of.findings}
                keyOf={({ tier, criterion }) => `${tier} ${criterion}`}
                columns={[
                    { name: "Tier", cell: ({ tier }) => tierNames[tier] },
                    { name: "Criterion", cell: (one) => criterionOf(one)?.text ?? one.criterion },
                    {
                        name: "Asked",
                        cell: (one) => {
                            const its = criterionOf(one)
                            return its === undefined ? "" : `${its.fact} ${its.is} ${its.value}`
                        },
                    },
                    { name: "Found", cell: ({ value }) => value ?? "not known", end: true },
                    { name: "Met", cell: ({ met }) => <Met of={met} /> },
                ]}
            />
        </>
    )
}

function Met({ of }: { of: boolean | null }) {
    if (of === null) return <Badge>not known</Badge>
    return <Badge tone={of ? "good" : "bad"}>{of ? "met" : "not met"}</Badge>
}

function SetAside({ of }: { of: Proposal }) {
    const names = useNames()
    return (
        <FormDialog
            button="Set aside…"
            title={`Keep ${names.partner(of.partner)} where it is`}
            submit="Set it aside"
            not={useWhyNot()("partner:write")}
            asked={[
                {
                    name: "reason",
                    label: "Why",
                    kind: "text",
                    check: (said) => (said.trim().length >= 10 ? null : "ten characters or more"),
                },
            ]}
            write={(body) => ({ method: "POST", path: `/api/tier-proposals/${of.id}/dismiss`, body })}
        >
            <p className="muted">
                The same is not proposed again for a quarter. To take the proposal, set the tier on the partner's page.
            </p>
        </FormDialog>
    )
}

/** On the partner's page: all that was proposed, and what came of it. */
export function PartnerProposals({ of }: { of: Partner }) {
    const all = useRead<{ proposals: readonly EndedProposal[] }>(`/api/partners/${of.id}/tier-proposals`)
    const names = useNames()
    if (all.data?.proposals.length === 0) return null
    return (
        <Section title="Tiers that were proposed">
            <Loaded of={all}>
                {({ proposals }) => (
                    <Table
                        tall
                        caption="Proposed tiers of this partner, newest first"
                        rows={proposals}
                        keyOf={({ id }) => id}
                        columns={[
                            { name: "Made", cell: ({ madeAt }) => <When at={madeAt} short /> },
                            { name: "Change", cell: (one) => <Step of={one} /> },
                            {
                                name: "What came of it",
                                cell: (one) => (
                                    <>
                                        {one.endedAs ?? <Badge tone="due">open</Badge>}{" "}
                                        <span className="muted">
                                            {one.endedBy !== null && `by ${names.person(one.endedBy)}`} {one.reason}
                                        </span>
                                    </>
                                ),
                            },
                            {
                                name: "Actions",
                                cell: (one) =>
                                    one.endedAt === null ? <ProposalActions of={one} /> : <WhyDialog of={one} />,
                                end: true,
                            },
                        ]}
                    />
                )}
            </Loaded>
        </Section>
    )
}
