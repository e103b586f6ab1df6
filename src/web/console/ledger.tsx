/** The ledger: all leaks of all cases weighed together, and how much each of them counts. */
import { Link } from "@tanstack/react-router"
import { useLook } from "../kit/api.ts"
import { Button } from "../kit/button.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Facts, Page, Section, Table } from "../kit/table.tsx"
import { Bars, RankingList } from "./bars.tsx"
import { type Ranked, nameOfEvidence, useEvidence } from "./evidence-reads.ts"
import { useNames } from "./viewer.tsx"
import { nameOr } from "../kit/words.ts"

interface LedgerAnswer {
    readonly caution: string
    readonly scale: string
    readonly alpha: number
    readonly places: number
    readonly isFull: boolean
    readonly bar: number
    readonly filed: number
    readonly deleted: number
    readonly leaks: readonly Counted[]
    readonly ranking: readonly (Omit<Ranked, "flips"> & { readonly documents: number })[]
}

interface Counted {
    readonly evidence: string
    readonly artifact: string
    readonly version: number
    readonly share: number
}

/** Each look is on record, so it is not repeated by itself. */
export function LedgerScreen() {
    const look = useLook<LedgerAnswer>("/api/cross-case-evidence")
    const again = (
        <Button look="quiet" onPress={() => void look.refetch()}>
            Look again
        </Button>
    )
    return (
        <Page title="Cross-case evidence" kind="All leaks of all cases together" aside={again}>
            <Loaded of={look}>
                {(its) => (
                    <>
                        <p className="caution">{its.caution}</p>
                        {its.leaks.length === 0 ? (
                            <Empty title="No leak says anything of anybody.">
                                {its.filed === 0 ? "None was filed." : `${its.filed} filed.`}
                            </Empty>
                        ) : (
                            <Whole of={its} />
                        )}
                    </>
                )}
            </Loaded>
        </Page>
    )
}

function Whole({ of }: { of: LedgerAnswer }) {
    const names = useNames()
    const identified = of.ranking.filter((one) => one.identified)
    return (
        <>
            <Notice tone={identified.length > 0 ? "bad" : "plain"}>
                <span>
                    <strong>
                        {identified.length === 0
                            ? "Nobody is named."
                            : `Named: the ${identified.length === 1 ? "copy" : "copies"} of ${identified.map(names.recipient).join(" and ")}.`}
                    </strong>{" "}
                    {of.isFull && `More than ${of.places} had copies: the ledger names nobody any more.`}
                </span>
            </Notice>
            <Section title="Whose copies">
                <Bars of={of} alpha={of.alpha} />
                <RankingList of={of} alpha={of.alpha} />
                <p className="muted">
                    In words: {of.scale}. Timing, canaries and reports of partners count for nothing here.
                </p>
            </Section>
            <Section title="What it rests on">
                <Facts
                    of={[
                        [
                            "Error",
                            `anybody innocent is ever named with probability ${of.alpha} at most, however often one looks`,
                        ],
                        ["Suspects", `${of.ranking.length}, with places for ${of.places}`],
                        ["Leaks", told(of)],
                    ]}
                />
                <Leaks of={of.leaks} />
            </Section>
        </>
    )
}

function told({ filed, leaks, deleted }: LedgerAnswer): string {
    const rest = filed - leaks.length - deleted
    return `${filed} filed: ${leaks.length} say something, ${rest} say nothing of anybody, ${deleted} deleted by two people`
}

function Leaks({ of }: { of: readonly Counted[] }) {
    const read = useEvidence()
    const all = read.data?.evidence ?? []
    const names = useNames()
    const evidence = (id: string) => all.find((one) => one.id === id)
    return (
        <Table
            caption="Leaks in the order in which they were weighed"
            rows={of}
            keyOf={(one) => one.evidence}
            columns={[
                {
                    name: "Leak",
                    cell: ({ evidence: id }) => {
                        const one = evidence(id)
                        return (
                            <Link to={`/evidence/${id}`}>
                                {nameOr(one && nameOfEvidence(one), "evidence", read.isLoading)}
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
