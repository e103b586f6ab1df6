/** A partner's warnings: what there is, and what is still to come. */
import { Link } from "@tanstack/react-router"
import { vulnerabilityLabels } from "../../lib/vulnerability.ts"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Page, Section, Table } from "../kit/table.tsx"
import type { Warning, Warnings as Answer } from "./answers.ts"
import { OpenRecalls } from "./recalls.tsx"
import { useWarnings } from "./viewer.ts"

export function Warnings() {
    const warnings = useWarnings()
    return (
        <Page title="Warnings">
            <OpenRecalls />
            <Loaded of={warnings}>
                {(answer) =>
                    answer.warnings.length === 0 ? (
                        <Empty title="Nothing is here for you now.">
                            When a wave reaches your tier, its warning stands here, and your contact address gets a
                            notice that says no more than that.
                        </Empty>
                    ) : (
                        <>
                            <Listed of={answer} />
                            <ToCome of={answer} />
                        </>
                    )
                }
            </Loaded>
        </Page>
    )
}

function Listed({ of }: { of: Answer }) {
    return (
        <Table
            caption="Warnings"
            rows={of.warnings}
            keyOf={(one) => one.id}
            columns={[
                { name: "Warning", cell: (one) => <Link to={`/warnings/${one.id}`}>{one.title}</Link> },
                {
                    name: "Vulnerabilities",
                    cell: (one) => (
                        <span className="stack">
                            {vulnerabilityLabels(one.vulnerabilities).map((label) => (
                                <code key={label} className="code">
                                    {label}
                                </code>
                            ))}
                        </span>
                    ),
                },
                { name: "Score", cell: (one) => worst(one).toFixed(1), end: true },
                { name: "To fetch", cell: (one) => <ToFetch of={one} /> },
                {
                    name: "Publication",
                    cell: (one) => (
                        <span className="row">
                            <When at={one.publication} />
                            {one.published && <Badge tone="good">public</Badge>}
                        </span>
                    ),
                },
                {
                    name: "Time left",
                    cell: ({ publication }) => publication !== null && <Distance at={publication} now={of.now} />,
                },
            ]}
        />
    )
}

const worst = (one: Warning): number => Math.max(0, ...one.vulnerabilities.map(({ score }) => score ?? 0))

function ToFetch({ of }: { of: Warning }) {
    const open = of.artifacts.filter((one) => one.available)
    const waiting = open.filter((one) => one.fetchedAt === null).length
    if (waiting > 0) return <Badge tone="due">{waiting} to fetch</Badge>
    const fresh = open.filter((one) => one.acknowledgedAt === null).length
    if (fresh > 0) return <Badge tone="due">{fresh} to acknowledge</Badge>
    return open.length > 0 ? <Badge tone="good">all acknowledged</Badge> : <span className="muted">nothing yet</span>
}

function ToCome({ of }: { of: Answer }) {
    const ahead = of.warnings
        .flatMap((warning) => warning.artifacts.filter((one) => !one.available).map((part) => ({ warning, part })))
        .toSorted((a, b) => a.part.from.localeCompare(b.part.from))
    if (ahead.length === 0) return null
    return (
        <Section title="Still to come">
            <Table
                caption="Artifacts that are still to come"
                rows={ahead}
                keyOf={({ part }) => part.id}
                columns={[
                    { name: "From", cell: ({ part }) => <When at={part.from} /> },
                    { name: "Time left", cell: ({ part }) => <Distance at={part.from} now={of.now} /> },
                    { name: "What", cell: ({ part }) => part.class },
                    { name: "Of", cell: ({ warning }) => <Link to={`/warnings/${warning.id}`}>{warning.title}</Link> },
                ]}
            />
        </Section>
    )
}
