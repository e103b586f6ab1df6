/** All cases. */
import { Link } from "@tanstack/react-router"
import { vulnerabilityLabels } from "../../lib/vulnerability.ts"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Page, Table } from "../kit/table.tsx"
import type { Case } from "./answers.ts"
import { OpenCase } from "./open-case.tsx"
import { useCases } from "./viewer.tsx"
import { phaseWords } from "./words.ts"

export function CasesScreen() {
    const cases = useCases()
    return (
        <Page title="Cases" aside={<OpenCase />}>
            <Loaded of={cases}>
                {({ cases: all, now }) =>
                    all.length === 0 ? (
                        <Empty title="No case is open." />
                    ) : (
                        <Table
                            caption="Cases"
                            rows={all}
                            keyOf={(one) => one.id}
                            columns={[
                                { name: "Case", cell: (one) => <Link to={`/cases/${one.id}`}>{one.title}</Link> },
                                { name: "Vulnerabilities", cell: (one) => <Cves of={one} /> },
                                { name: "Score", cell: (one) => worst(one).toFixed(1), end: true },
                                { name: "Embargo", cell: (one) => <PhaseBadge of={one} /> },
                                { name: "Publication", cell: (one) => <Publication of={one} /> },
                                {
                                    name: "Time left",
                                    cell: ({ publication, closing }) =>
                                        publication !== null &&
                                        closing === null && <Distance at={publication} now={now} />,
                                },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Page>
    )
}

const worst = (one: Case): number => Math.max(0, ...one.vulnerabilities.map(({ score }) => score ?? 0))

function Publication({ of: { publication, closing } }: { of: Case }) {
    return closing === null ? <When at={publication} /> : <span className="muted">never</span>
}

export function PhaseBadge({ of }: { of: Case }) {
    if (of.closing !== null) return <Badge>{of.closing.kind}</Badge>
    return <Badge tone={phaseWords[of.phase].tone}>{phaseWords[of.phase].name}</Badge>
}

function Cves({ of }: { of: Case }) {
    return (
        <span className="stack">
            {vulnerabilityLabels(of.vulnerabilities).map((label) => (
                <code key={label} className="code">
                    {label}
                </code>
            ))}
        </span>
    )
}
