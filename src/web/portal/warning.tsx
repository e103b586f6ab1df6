/** One warning: its facts and labels, each artifact with where it stands, and confirming what was fetched. */
import { type ReactNode, useState } from "react"
import { Link } from "@tanstack/react-router"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import { useRead } from "../kit/api.ts"
import { Button, Do } from "../kit/button.tsx"
import { Window } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice, isRefused } from "../kit/notice.tsx"
import { PermissionWords } from "../kit/permission.tsx"
import { AffectedProducts, labelled } from "../kit/products.tsx"
import { Badge, Facts, Label, Page, Section, Table } from "../kit/table.tsx"
import { nameOf, type Part, type Warning } from "./answers.ts"
import { CircleSection } from "./circle.tsx"
import { OpenCopy } from "./copy.tsx"
import { isPast } from "./embargoes.tsx"
import { Leave } from "./leaving.tsx"
import { MispSection } from "./misp.tsx"
import { OwedSection } from "./owed.tsx"
import { AggregatesSection, ProtectionSection } from "./protection.tsx"
import { Recalls } from "./recalls.tsx"
import { ResultsSection } from "./result.tsx"
import { HeldSightings, SightingsSection } from "./sightings.tsx"
import { useConsents, useWhyNot } from "./viewer.ts"

export function WarningScreen({ id }: { id: string }) {
    const one = useRead<Warning>(`/api/warnings/${id}`)
    if (isRefused(one.error)) return <NothingHere held={<HeldSightings id={id} />} />
    return (
        <Loaded of={one}>
            {(found) => (
                <Page title={found.title} kind="Warning" aside={<StateBadge of={found} />}>
                    <Withdrawn of={found} />
                    <Recalls of={found.recalls} />
                    <Section title="Details">
                        <Vulnerabilities of={found} />
                        <Facts
                            of={[
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
                                              <PermissionWords key="permission" of={found.permission} />,
                                          ] as const,
                                      ]),
                            ]}
                        />
                    </Section>
                    <Parts of={found} />
                    <MispSection of={found} />
                    <OwedSection of={found} />
                    <SightingsSection of={found} />
                    <ProtectionSection of={found} />
                    <AggregatesSection of={found} />
                    <ResultsSection of={found} />
                    <EmbargoSection of={found} />
                    <CircleSection of={found.id} />
                </Page>
            )}
        </Loaded>
    )
}

function StateBadge({ of: { withdrawnAt, published } }: { of: Warning }) {
    if (withdrawnAt !== null) return <Badge tone="bad">withdrawn</Badge>
    return published ? <Badge tone="good">public</Badge> : <Badge tone="due">under embargo</Badge>
}

function Withdrawn({ of: { withdrawnAt } }: { of: Warning }) {
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

/** What an invitation asked is answered where all embargoes stand; what the agreement covers is left here, too. */
function EmbargoSection({ of }: { of: Warning }) {
    const consents = useConsents().data
    if (isPast(of) || consents === undefined) return null
    const asked = consents.invitations.find(({ id }) => id === of.id)
    return (
        <Section title="Embargo" aside={asked === undefined && <Leave id={of.id} />}>
            {asked === undefined ? (
                <p>
                    You keep it secret until <When at={of.publication} short />, as your agreement consents to
                    beforehand.
                </p>
            ) : (
                <p>
                    You were asked to keep it. <Link to="/embargoes">What was said, and your say in it</Link>
                </p>
            )}
        </Section>
    )
}

/** The same for what has been withdrawn, what is somebody else's, and what never was. */
export function NothingHere({ held }: { held?: ReactNode }) {
    return (
        <Page title="Nothing is here for you">
            <Empty title="If there was a warning here, it is out of your reach now.">
                What you fetched of it before you still hold, under the same terms. See{" "}
                <Link to="/">your warnings</Link> and <Link to="/receipts">what you fetched</Link>.
            </Empty>
            {held}
        </Page>
    )
}

function Vulnerabilities({ of }: { of: Warning }) {
    return (
        <Table
            caption="Vulnerabilities"
            rows={labelled(of.vulnerabilities)}
            keyOf={({ label }) => label}
            columns={[
                { name: "CVE", cell: ({ label }) => <code className="code nowrap">{label}</code> },
                { name: "Weakness", cell: ({ cwe }) => cwe },
                { name: "Score", cell: ({ score }) => score?.toFixed(1), end: true },
                { name: "Vector", cell: ({ vector }) => <code className="code">{vector}</code> },
                { name: "Affected products", cell: ({ products }) => <AffectedProducts of={products} /> },
            ]}
        />
    )
}

function Parts({ of }: { of: Warning }) {
    const [opened, setOpened] = useState<Part | null>(null)
    const fetched = of.artifacts.some((one) => one.fetchedAt !== null && one.acknowledgedAt === null)
    const not = useWhyNot()("warning:acknowledge")
    return (
        <Section
            title="What you get"
            aside={
                <Do
                    look="main"
                    not={not ?? (fetched ? null : "nothing fetched waits for it")}
                    write={{ method: "POST", path: `/api/warnings/${of.id}/acknowledge` }}
                >
                    Acknowledge what was fetched
                </Do>
            }
        >
            {of.artifacts.length === 0 ? (
                <Empty title="You have no access to these artifacts." />
            ) : (
                <PartsTable of={of} onOpen={setOpened} />
            )}
            <Window
                title={opened === null ? "" : nameOf(opened)}
                open={opened !== null}
                onClose={() => setOpened(null)}
                wide
            >
                {opened !== null && <OpenCopy of={opened} />}
            </Window>
        </Section>
    )
}

const placeOf = (part: Part): number => artifactClasses.indexOf(part.class)

function PartsTable({ of, onOpen }: { of: Warning; onOpen: (part: Part) => void }) {
    return (
        <Table
            caption="Artifacts of this warning"
            rows={of.artifacts.toSorted((a, b) => placeOf(a) - placeOf(b))}
            keyOf={(one) => one.id}
            columns={[
                {
                    name: "Artifact",
                    cell: (one) => (
                        <>
                            <strong>{nameOf(one)}</strong>{" "}
                            {one.name !== null && <span className="muted">{one.class}</span>}
                        </>
                    ),
                },
                {
                    name: "Copy",
                    cell: (one) =>
                        one.available ? (
                            <Button look={one.fetchedAt === null ? "main" : "plain"} onPress={() => onOpen(one)}>
                                Open copy… <span className="unseen">of {nameOf(one)}</span>
                            </Button>
                        ) : (
                            <Badge>to come</Badge>
                        ),
                },
                {
                    name: "Labels",
                    cell: (one) => (
                        <span className="labels">
                            <Label scheme="TLP" value={one.tlp} />
                            <Label scheme="PAP" value={one.pap} />
                        </span>
                    ),
                },
                { name: "Version", cell: (one) => one.version, end: true },
                { name: "From", cell: (one) => <When at={one.from} short /> },
                { name: "You", cell: (one) => <Done of={one} /> },
            ]}
        />
    )
}

function Done({ of: { available, fetchedAt, acknowledgedAt, holds } }: { of: Part }) {
    const old = holds.filter((one) => one.superseded).map((one) => one.version)
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
