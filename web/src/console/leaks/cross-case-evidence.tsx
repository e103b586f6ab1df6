/** Cross-case evidence: weighs all leaks of all cases together, and shows the share of each. */
import { Link } from "@tanstack/react-router"
import { type AnswerTo, useLook } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Facts, Section, Table } from "../../kit/table.tsx"
import { Bars, RankingList } from "./evidence/evidence-chart.tsx"
import { nameOfEvidence, useEvidence } from "./evidence/evidence-reads.ts"
import { useNames } from "../artifacts/viewer.tsx"
import { nameOr } from "../../kit/text.ts"

type LedgerAnswer = AnswerTo<"/api/cross-case-evidence">

interface Counted {
    readonly evidence: string
    readonly artifact: string
    readonly version: number
    readonly share: number
}

/** Each view is recorded, so this screen does not reload automatically. */
export function LedgerScreen() {
    const look = useLook("/api/cross-case-evidence")
    const again = (
        <Button look="quiet" onPress={() => void look.refetch()}>
            Look again
        </Button>
    )
    return (
        <Page title="Cross-case evidence" lead="The evidence of all cases together, for each partner." aside={again}>
            <Loaded query={look}>
                {(ledger) => (
                    <>
                        <p className="caution">{ledger.caution}</p>
                        {ledger.leaks.length === 0 ? (
                            <Empty title="No leak says anything of anybody.">
                                {ledger.added === 0 ? "None was filed." : `${ledger.added} filed.`}
                            </Empty>
                        ) : (
                            <Whole ledger={ledger} />
                        )}
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Whole({ ledger }: { ledger: LedgerAnswer }) {
    const names = useNames()
    const identified = ledger.ranking.filter((item) => item.identified)
    return (
        <>
            <Notice tone={identified.length > 0 ? "bad" : "plain"}>
                <span>
                    <strong>
                        {identified.length === 0
                            ? "Nobody is named."
                            : `Named: the ${identified.length === 1 ? "copy" : "copies"} of ${identified.map(names.recipient).join(" and ")}.`}
                    </strong>{" "}
                    {ledger.isFull && `More than ${ledger.places} had copies: the ledger names nobody any more.`}
                </span>
            </Notice>
            <Section title="Whose copies">
                <Bars subject={ledger} alpha={ledger.alpha} />
                <RankingList subject={ledger} alpha={ledger.alpha} />
                <p className="muted">
                    In words: {ledger.scale}. Timing, canaries and reports of partners count for nothing here.
                </p>
            </Section>
            <Section title="What it rests on">
                <Facts
                    items={[
                        [
                            "Error",
                            `anybody innocent is ever named with probability ${ledger.alpha} at most, however often one looks`,
                        ],
                        ["Suspects", `${ledger.ranking.length}, with places for ${ledger.places}`],
                        ["Leaks", notified(ledger)],
                    ]}
                />
                <Leaks counted={ledger.leaks} />
            </Section>
        </>
    )
}

function notified({ added: filed, leaks, deleted }: LedgerAnswer): string {
    const rest = filed - leaks.length - deleted
    return `${filed} filed: ${leaks.length} say something, ${rest} say nothing of anybody, ${deleted} deleted by two people`
}

function Leaks({ counted }: { counted: readonly Counted[] }) {
    const read = useEvidence()
    const evidences = read.data?.evidence ?? []
    const names = useNames()
    const evidence = (id: string) => evidences.find((evidence) => evidence.id === id)
    return (
        <Table
            caption="Leaks in the order in which they were weighed"
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
                { name: "Read as", cell: ({ artifact, version }) => `${names.artifact(artifact)}, version ${version}` },
                { name: "Share of its version", cell: ({ share }) => shareInWords(share), end: true },
            ]}
        />
    )
}

function shareInWords(share: number): string {
    return share === 0 ? "none: read the same before" : `1/${Math.round(1 / share)}`
}
