/** One warning: its facts and labels, each artifact with where it stands, and confirming what was fetched. */
import { useState } from "react"
import { artifactClasses } from "../../share/artifacts/artifact.ts"
import { useRead } from "../kit/api.ts"
import { Button, Do } from "../kit/button.tsx"
import { Window } from "../kit/dialog.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Facts, Label, Lines, Page, Section, Table } from "../kit/table.tsx"
import { productLine } from "../kit/words.ts"
import type { Part, Warning } from "./answers.ts"
import { OpenCopy } from "./copy.tsx"
import { useWhyNot } from "./viewer.ts"

export function WarningScreen({ id }: { id: string }) {
    const one = useRead<Warning>(`/api/warnings/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page
                    title={found.title}
                    kind="Warning"
                    aside={
                        found.published ? <Badge tone="good">public</Badge> : <Badge tone="due">under embargo</Badge>
                    }
                >
                    <Section title="What it is">
                        <Vulnerabilities of={found} />
                        <Facts
                            of={[
                                ["Products", <Lines key="products" of={found.products.map(productLine)} />],
                                ["Publication", <When key="at" at={found.publication} />],
                            ]}
                        />
                    </Section>
                    <Parts of={found} />
                </Page>
            )}
        </Loaded>
    )
}

function Vulnerabilities({ of }: { of: Warning }) {
    return (
        <Table
            caption="Vulnerabilities"
            rows={of.vulnerabilities}
            keyOf={({ cve }) => cve}
            columns={[
                { name: "CVE", cell: ({ cve }) => <code className="code">{cve}</code> },
                { name: "Weakness", cell: ({ cwe }) => cwe },
                { name: "Score", cell: ({ score }) => score.toFixed(1), end: true },
                { name: "Vector", cell: ({ vector }) => <code className="code">{vector}</code> },
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
                    write={{ method: "POST", path: `/api/warnings/${of.id}/acknowledgement` }}
                >
                    Acknowledge what was fetched
                </Do>
            }
        >
            {of.artifacts.length === 0 ? (
                <Empty title="Nothing of it is yours to have." />
            ) : (
                <PartsTable of={of} onOpen={setOpened} />
            )}
            <Window title={opened?.name ?? ""} open={opened !== null} onClose={() => setOpened(null)} wide>
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
                            <strong>{one.name}</strong> <span className="muted">{one.class}</span>
                        </>
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
                { name: "Fetched", cell: (one) => <When at={one.fetchedAt} short /> },
                { name: "Acknowledged", cell: (one) => <When at={one.acknowledgedAt} short /> },
                {
                    name: "Actions",
                    cell: (one) =>
                        one.available ? (
                            <Button look="main" onPress={() => onOpen(one)}>
                                Open copy… <span className="unseen">of {one.name}</span>
                            </Button>
                        ) : (
                            <Badge>to come</Badge>
                        ),
                    end: true,
                },
            ]}
        />
    )
}
