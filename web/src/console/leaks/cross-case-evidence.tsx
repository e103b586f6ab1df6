/** Cross-case evidence: weighs all leaks of all cases together, and shows what each counts. */
import { Link } from "@tanstack/react-router"
import { type AnswerTo, useLook } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Columns, Page } from "../../kit/layout/page.tsx"
import { Facts, Section, Table } from "../../kit/table.tsx"
import { errorBoundText } from "./evidence/e-value.ts"
import { EvidencePerCopy } from "./evidence/evidence-chart.tsx"
import { nameOfEvidence, useEvidence } from "./evidence/evidence-reads.ts"
import { useNames } from "../artifacts/viewer.tsx"
import { nameOr } from "../../kit/text.ts"

type Answer = AnswerTo<"/api/cross-case-evidence">

interface Counted {
    readonly evidence: string
    readonly artifact: string
    readonly version: number
    readonly share: number
}

/** Each view is recorded, so this screen does not reload automatically. */
export function CrossCaseEvidence() {
    const look = useLook("/api/cross-case-evidence")
    return (
        <Page
            title="Cross-case evidence"
            lead="Do the leaks of all cases together identify a recipient's copies?"
            aside={
                <Button look="quiet" onPress={() => void look.refetch()}>
                    Reload
                </Button>
            }
        >
            <Loaded query={look}>
                {(evidence) =>
                    evidence.leaks.length === 0 ? (
                        <>
                            <Empty title="No leak fits a copy yet.">
                                {evidence.added === 0
                                    ? "Add a leak under Evidence."
                                    : `${evidence.added} leaks are added. None of them fits a copy.`}
                            </Empty>
                            <p className="caution">{evidence.caution}</p>
                        </>
                    ) : (
                        <Combined evidence={evidence} />
                    )
                }
            </Loaded>
        </Page>
    )
}

function Combined({ evidence }: { evidence: Answer }) {
    return (
        <Columns
            rail={
                <Section title="Basis">
                    <Facts
                        items={[
                            ["Error bound", `${errorBoundText(evidence.alpha)}, over all leaks and views`],
                            ["Recipients", `${evidence.ranking.length} of at most ${evidence.places}`],
                            ["Leaks", leakCounts(evidence)],
                        ]}
                    />
                    <p className="muted small">Scale: {evidence.scale}.</p>
                    <p className="muted small">Timing, canaries and partners&apos; reports do not count here.</p>
                </Section>
            }
        >
            {evidence.isFull && (
                <Notice tone="due">
                    More than {evidence.places} recipients had copies. Cross-case evidence no longer identifies a copy.
                </Notice>
            )}
            <Section title="Evidence per recipient">
                <EvidencePerCopy subject={evidence} alpha={evidence.alpha} />
                <p className="caution">{evidence.caution}</p>
            </Section>
            <Section title="Leaks" count={evidence.leaks.length}>
                <Leaks counted={evidence.leaks} />
            </Section>
        </Columns>
    )
}

function leakCounts({ added, leaks, deleted }: Answer): string {
    const rest = added - leaks.length - deleted
    return `${added} added: ${leaks.length} fit a copy, ${rest} fit none, ${deleted} deleted`
}

function Leaks({ counted }: { counted: readonly Counted[] }) {
    const read = useEvidence()
    const evidences = read.data?.evidence ?? []
    const names = useNames()
    const evidence = (id: string) => evidences.find((evidence) => evidence.id === id)
    return (
        <Table
            caption="Leaks in the order in which they were attributed"
            rows={counted}
            keyOf={(counted) => counted.evidence}
            columns={[
                {
                    name: "Leak",
                    cell: ({ evidence: id }) => {
                        const item = evidence(id)
                        return (
                            <Link to={`/leaks/evidence/${id}`}>
                                {nameOr(item && nameOfEvidence(item), "evidence", read.isLoading)}
                            </Link>
                        )
                    },
                },
                { name: "Version", cell: ({ artifact, version }) => `${names.artifact(artifact)}, version ${version}` },
                { name: "Weight within its version", cell: ({ share }) => shareInWords(share), end: true },
            ]}
        />
    )
}

function shareInWords(share: number): string {
    return share === 0 ? "none: an earlier leak shows the same" : `1/${Math.round(1 / share)}`
}
