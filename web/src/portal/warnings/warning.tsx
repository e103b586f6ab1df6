/** One warning: facts, labels, its artifacts with their status, and acknowledgement. */
import { useState } from "react"
import { Link } from "@tanstack/react-router"
import { artifactClasses } from "../../../../server/src/share/artifacts/artifact.ts"
import { useRead, writeTo } from "../api.ts"
import { Button, Do } from "../../kit/button.tsx"
import { Window } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice, isRefused } from "../../kit/notice.tsx"
import { PermissionWords } from "../../kit/permission.tsx"
import { AffectedProducts, labelled } from "../../kit/products.tsx"
import { NothingHere } from "./nothing-here.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts, Label, Section, Table } from "../../kit/table.tsx"
import { nameOf, type Part, type Warning } from "../answers.ts"
import { CircleSection } from "./access-list.tsx"
import { OpenCopy } from "./copy.tsx"
import { isPast } from "./embargoes.tsx"
import { Leave } from "./exit-embargo.tsx"
import { MispSection } from "./misp.tsx"
import { OwedSection } from "./follow-ups.tsx"
import { AggregatesSection, ProtectionSection } from "./protection.tsx"
import { Recalls } from "./recalls.tsx"
import { ResultsSection } from "./test-result.tsx"
import { HeldSightings, SightingsSection } from "./sightings.tsx"
import { useConsents, useWhyNot } from "../viewer.ts"

export function WarningScreen({ id }: { id: string }) {
    const query = useRead(`/api/warnings/${id}`)
    if (isRefused(query.error)) return <NothingHere held={<HeldSightings id={id} />} />
    return (
        <Loaded query={query}>
            {(found) => (
                <Page
                    title={found.title}
                    tabTitle="Warning"
                    path={[{ to: "/", name: "Warnings" }]}
                    aside={<StateBadge warning={found} />}
                >
                    <Withdrawn warning={found} />
                    <Recalls recalls={found.recalls} />
                    <Section title="Details">
                        <Vulnerabilities warning={found} />
                        <Facts
                            items={[
                                [
                                    "Publication",
                                    found.withdrawnAt === null ? (
                                        <When key="at" at={found.publication} />
                                    ) : (
                                        "never: it was withdrawn"
                                    ),
                                ],
                                ...(isPast(found)
                                    ? []
                                    : [
                                          [
                                              "Before publication",
                                              <PermissionWords key="permission" permission={found.permission} />,
                                          ] as const,
                                      ]),
                            ]}
                        />
                    </Section>
                    <Parts warning={found} />
                    <MispSection warning={found} />
                    <OwedSection warning={found} />
                    <SightingsSection reported={found} />
                    <ProtectionSection warning={found} />
                    <AggregatesSection warning={found} />
                    <ResultsSection warning={found} />
                    <EmbargoSection warning={found} />
                    <CircleSection id={found.id} />
                </Page>
            )}
        </Loaded>
    )
}

function StateBadge({ warning: { withdrawnAt, published } }: { warning: Warning }) {
    if (withdrawnAt !== null) return <Badge tone="bad">withdrawn</Badge>
    return published ? <Badge tone="good">public</Badge> : <Badge tone="due">under embargo</Badge>
}

function Withdrawn({ warning: { withdrawnAt } }: { warning: Warning }) {
    if (withdrawnAt === null) return null
    return (
        <Notice tone="bad">
            <span>
                The program took this warning back, <When at={withdrawnAt} short />: it will not be published, and
                nothing more of it opens. What you hold of it stays under your agreement.
            </span>
        </Notice>
    )
}

/**
 * Shows the embargo. Invitations are answered on the embargoes screen; an embargo under advance consent is left here.
 */
function EmbargoSection({ warning }: { warning: Warning }) {
    const consents = useConsents().data
    if (isPast(warning) || consents === undefined) return null
    const invitation = consents.invitations.find(({ id }) => id === warning.id)
    return (
        <Section title="Embargo" aside={invitation === undefined && <Leave id={warning.id} />}>
            {invitation === undefined ? (
                <p>
                    You keep it secret until <When at={warning.publication} short />, as your agreement consents to
                    beforehand.
                </p>
            ) : (
                <p>
                    You were asked to keep it. <Link to="/to-do/embargoes">What was said, and your say in it</Link>
                </p>
            )}
        </Section>
    )
}

function Vulnerabilities({ warning }: { warning: Warning }) {
    return (
        <Table
            caption="Vulnerabilities"
            rows={labelled(warning.vulnerabilities)}
            keyOf={({ label }) => label}
            columns={[
                { name: "CVE", cell: ({ label }) => <code className="code nowrap">{label}</code> },
                { name: "Weakness", cell: ({ cwe }) => cwe },
                { name: "Score", cell: ({ score }) => score?.toFixed(1), end: true },
                { name: "Vector", cell: ({ vector }) => <code className="code">{vector}</code> },
                { name: "Affected products", cell: ({ products }) => <AffectedProducts products={products} /> },
            ]}
        />
    )
}

function Parts({ warning }: { warning: Warning }) {
    const [opened, setOpened] = useState<Part | null>(null)
    const fetched = warning.artifacts.some((part) => part.fetchedAt !== null && part.acknowledgedAt === null)
    const disabledReason = useWhyNot()("warning:acknowledge")
    return (
        <Section
            title="What you get"
            aside={
                <Do
                    look="main"
                    disabledReason={disabledReason ?? (fetched ? null : "nothing fetched waits for it")}
                    write={writeTo("POST", `/api/warnings/${warning.id}/acknowledge`)}
                >
                    Acknowledge what was fetched
                </Do>
            }
        >
            {warning.artifacts.length === 0 ? (
                <Empty title="You have no access to these artifacts." />
            ) : (
                <PartsTable warning={warning} onOpen={setOpened} />
            )}
            <Window
                title={opened === null ? "" : nameOf(opened)}
                open={opened !== null}
                onClose={() => setOpened(null)}
                wide
            >
                {opened !== null && <OpenCopy part={opened} />}
            </Window>
        </Section>
    )
}

const placeOf = (part: Part): number => artifactClasses.indexOf(part.class)

function PartsTable({ warning, onOpen }: { warning: Warning; onOpen: (part: Part) => void }) {
    return (
        <Table
            caption="Artifacts of this warning"
            rows={warning.artifacts.toSorted((a, b) => placeOf(a) - placeOf(b))}
            keyOf={(part) => part.id}
            columns={[
                {
                    name: "Artifact",
                    cell: (part) => (
                        <>
                            <strong>{nameOf(part)}</strong>{" "}
                            {part.name !== null && <span className="muted">{part.class}</span>}
                        </>
                    ),
                },
                {
                    name: "Copy",
                    cell: (part) =>
                        part.available ? (
                            <Button look={part.fetchedAt === null ? "main" : "plain"} onPress={() => onOpen(part)}>
                                Open copy… <span className="unseen">of {nameOf(part)}</span>
                            </Button>
                        ) : (
                            <Badge>to come</Badge>
                        ),
                },
                {
                    name: "Labels",
                    cell: (part) => (
                        <span className="labels">
                            <Label scheme="TLP" value={part.tlp} />
                            <Label scheme="PAP" value={part.pap} />
                        </span>
                    ),
                },
                { name: "Version", cell: (part) => part.version, end: true },
                { name: "From", cell: (part) => <When at={part.from} short /> },
                { name: "You", cell: (part) => <Done part={part} /> },
            ]}
        />
    )
}

function Done({ part: { available, fetchedAt, acknowledgedAt, holds } }: { part: Part }) {
    const old = holds.filter((hold) => hold.superseded).map((hold) => hold.version)
    const superseded = old.length > 0 && (
        <Badge tone={fetchedAt === null ? "due" : "plain"}>your version {old.join(", ")} is superseded</Badge>
    )
    if (fetchedAt === null) {
        return (
            <span className="stack wraps">
                {superseded}
                <span className="muted nowrap">{available ? "not fetched" : ""}</span>
            </span>
        )
    }
    return (
        <span className="stack wraps">
            {superseded}
            <span>
                fetched <When at={fetchedAt} short />
            </span>
            {acknowledgedAt !== null && (
                <span>
                    acknowledged <When at={acknowledgedAt} short />
                </span>
            )}
        </span>
    )
}
