/** One case: its facts, its embargo, its waves in time, who gets what of it, and what there is to get. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Lines, Page, Section, Table } from "../kit/table.tsx"
import type { Case, Matrix, Wave } from "./answers.ts"
import { Artifacts } from "./artifacts.tsx"
import { productLine } from "../kit/words.ts"
import { PhaseBadge } from "./cases.tsx"
import { Deliveries } from "./deliveries.tsx"
import { EmbargoActions, Turns } from "./embargo.tsx"
import { MatrixGrid } from "./matrix.tsx"
import { useExploitations } from "./evidence-reads.ts"
import { Timeline } from "./timeline.tsx"
import { useCan, useNames, useNow, useWhyNot } from "./viewer.tsx"
import { Waves } from "./waves.tsx"

export function CaseScreen({ id }: { id: string }) {
    const one = useRead<Case>(`/api/cases/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page title={found.title} kind="Case" aside={<PhaseBadge of={found} />}>
                    <CaseFacts of={found} />
                    <WavesSection of={found} />
                    <MatrixSection of={found} />
                    <Artifacts of={found} />
                    <EmbargoSection of={found} />
                    <Deliveries of="case" id={found.id} />
                </Page>
            )}
        </Loaded>
    )
}

function CaseFacts({ of }: { of: Case }) {
    const names = useNames()
    const products = of.products.map(productLine)
    const links = of.links.map(({ to, kind }) => (
        <span key={to}>
            {kind} <Link to={`/cases/${to}`}>{names.case(to)}</Link>
        </span>
    ))
    return (
        <Section title="What it is">
            <Table
                caption="Vulnerabilities"
                rows={of.vulnerabilities}
                keyOf={({ cve }) => cve}
                columns={[
                    { name: "CVE", cell: ({ cve }) => <code className="code">{cve}</code> },
                    { name: "Weakness", cell: ({ cwe }) => cwe },
                    { name: "Score", cell: ({ score }) => <Score of={score} />, end: true },
                    { name: "Vector", cell: ({ vector }) => <code className="code">{vector}</code> },
                ]}
            />
            <Facts
                of={[
                    ["Products", <Lines key="products" of={products} />],
                    ["Found by", of.finder === "" ? "not named" : of.finder],
                    ["Opened", <When key="at" at={of.createdAt} />],
                    ["Publication", <When key="at" at={of.publication} />],
                    ...(links.length > 0 ? [["Links", links] as const] : []),
                ]}
            />
        </Section>
    )
}

function Score({ of }: { of: number }) {
    return <Badge tone={of >= 9 ? "bad" : of >= 7 ? "due" : "plain"}>{of.toFixed(1)}</Badge>
}

function WavesSection({ of }: { of: Case }) {
    const now = useNow()
    const waves = useRead<{ waves: readonly Wave[] }>(`/api/cases/${of.id}/waves`)
    const exploited = useExploitations(of.id)
    const not = useWhyNot()("wave:write")
    return (
        <Section title="Waves">
            <Loaded of={waves}>
                {({ waves: all }) =>
                    all.length === 0 ? (
                        <Empty title="No waves are planned.">
                            <Do look="main" not={not} write={{ method: "POST", path: `/api/cases/${of.id}/waves` }}>
                                Plan the shipped waves
                            </Do>
                        </Empty>
                    ) : (
                        <>
                            {now !== null && <Timeline now={now} waves={all} exploited={exploited} />}
                            <Waves waves={all} />
                        </>
                    )
                }
            </Loaded>
        </Section>
    )
}

function MatrixSection({ of }: { of: Case }) {
    const can = useCan()
    const matrix = useRead<Matrix>(can("entitlement:read") ? `/api/entitlements?case=${of.id}` : null)
    if (!can("entitlement:read")) return null
    return (
        <Section title="Who gets what, from when, and why">
            <Loaded of={matrix}>{(found) => <MatrixGrid of={found} />}</Loaded>
        </Section>
    )
}

function EmbargoSection({ of }: { of: Case }) {
    return (
        <Section title="Embargo" aside={<EmbargoActions of={of} />}>
            <Turns of={of.embargo} />
        </Section>
    )
}
