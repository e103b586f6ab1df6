/** A partner's warnings: released and coming. */
import { Link } from "@tanstack/react-router"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Warning, Warnings as Answer } from "../answers.ts"
import { OpenRecalls } from "./recalls.tsx"
import { useWarnings } from "../viewer.ts"

export function Warnings() {
    const warnings = useWarnings()
    return (
        <Page title="Warnings">
            <OpenRecalls />
            <Loaded query={warnings}>
                {(answer) =>
                    answer.warnings.length === 0 ? (
                        <Empty title="Nothing is here for you now.">
                            When a wave reaches your tier, its warning stands here, and your contact address gets a
                            notice that says no more than that.
                        </Empty>
                    ) : (
                        <>
                            <Listed warnings={answer} />
                            <ToCome warnings={answer} />
                        </>
                    )
                }
            </Loaded>
        </Page>
    )
}

function Listed({ warnings }: { warnings: Answer }) {
    return (
        <Table
            caption="Warnings"
            rows={warnings.warnings}
            keyOf={(warning) => warning.id}
            columns={[
                { name: "Warning", cell: (warning) => <Link to={`/warnings/${warning.id}`}>{warning.title}</Link> },
                {
                    name: "Vulnerabilities",
                    cell: (warning) => (
                        <span className="stack">
                            {vulnerabilityLabels(warning.vulnerabilities).map((label) => (
                                <code key={label} className="code">
                                    {label}
                                </code>
                            ))}
                        </span>
                    ),
                },
                { name: "Score", cell: (warning) => worst(warning).toFixed(1), end: true },
                { name: "To fetch", cell: (warning) => <ToFetch warning={warning} /> },
                {
                    name: "Publication",
                    cell: (warning) => (
                        <span className="row">
                            <When at={warning.publication} />
                            {warning.published && <Badge tone="good">public</Badge>}
                        </span>
                    ),
                },
                {
                    name: "Time left",
                    cell: ({ publication }) => publication !== null && <Distance at={publication} now={warnings.now} />,
                },
            ]}
        />
    )
}

const worst = (warning: Warning): number => Math.max(0, ...warning.vulnerabilities.map(({ score }) => score ?? 0))

function ToFetch({ warning }: { warning: Warning }) {
    const open = warning.artifacts.filter((part) => part.available)
    const waiting = open.filter((part) => part.fetchedAt === null).length
    if (waiting > 0) return <Badge tone="due">{waiting} to fetch</Badge>
    const fresh = open.filter((part) => part.acknowledgedAt === null).length
    if (fresh > 0) return <Badge tone="due">{fresh} to acknowledge</Badge>
    return open.length > 0 ? <Badge tone="good">all acknowledged</Badge> : <span className="muted">nothing yet</span>
}

function ToCome({ warnings }: { warnings: Answer }) {
    const ahead = warnings.warnings
        .flatMap((warning) => warning.artifacts.filter((part) => !part.available).map((part) => ({ warning, part })))
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
                    { name: "Time left", cell: ({ part }) => <Distance at={part.from} now={warnings.now} /> },
                    { name: "What", cell: ({ part }) => part.class },
                    { name: "Of", cell: ({ warning }) => <Link to={`/warnings/${warning.id}`}>{warning.title}</Link> },
                ]}
            />
        </Section>
    )
}
