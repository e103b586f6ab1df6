/** What time alone says, beside the explanations and their weights: apart from every e-value. */
import { Link } from "@tanstack/react-router"
import { useEffect, useRef } from "react"
import { useLook } from "../kit/api.ts"
import { When } from "../kit/instant.tsx"
import { Loaded } from "../kit/notice.tsx"
import { Section, Table } from "../kit/table.tsx"
import { useNames } from "./viewer.tsx"

interface Row {
    readonly key: string
    readonly title: string
    readonly partner: string | null
    readonly since: string | null
    readonly weight: number
    readonly log10: number | null
    readonly words: string
}

interface TimingAnswer {
    readonly caution: string
    readonly assumptions: readonly string[]
    readonly scale: string
    readonly seen: {
        readonly evidence: string
        readonly kind: string
        readonly at: string
        readonly clock: string
    } | null
    readonly evenAt: number | null
    readonly rows: readonly Row[]
}

interface TimingProps {
    readonly inquiry: string
    /** What it is computed from: where that has changed, it is asked for again. */
    readonly basis: string
}

export function TimingSection({ inquiry, basis }: TimingProps) {
    const look = useLook<TimingAnswer>(`/api/inquiries/${inquiry}/timing`)
    const asked = useRef(basis)
    useEffect(() => {
        if (asked.current === basis) return
        asked.current = basis
        void look.refetch()
    }, [basis, look])
    return (
        <Section title="What time says">
            <Loaded of={look}>
                {(its) => (
                    <>
                        <p className="caution">{its.caution}</p>
                        <Seen of={its.seen} />
                        <Explanations of={its.rows} />
                        {its.evenAt !== null && (
                            <p>
                                By these weights, evidence has to speak for one partner by a factor of{" "}
                                {factorOf(its.evenAt)} before its part is as likely as all else together.
                            </p>
                        )}
                        <ul className="muted">
                            {its.assumptions.map((one) => (
                                <li key={one}>{one}</li>
                            ))}
                        </ul>
                        <p className="muted">In words: {its.scale}.</p>
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function Seen({ of }: { of: TimingAnswer["seen"] }) {
    if (of === null) return <p>No evidence of this inquiry says when anything was first seen.</p>
    return (
        <p>
            First seen: <Link to={`/evidence/${of.evidence}`}>{of.kind}</Link>, <When at={of.at} />, clock {of.clock}.
        </p>
    )
}

function Explanations({ of }: { of: readonly Row[] }) {
    const names = useNames()
    return (
        <Table
            caption="Hypotheses: what each weighs before the evidence, and what time says of it"
            rows={of}
            keyOf={(one) => one.partner ?? one.key}
            columns={[
                {
                    name: "Hypothesis",
                    cell: ({ title, partner }) => (
                        <>
                            {title}
                            {partner !== null && <strong className="block">{names.partner(partner)}</strong>}
                        </>
                    ),
                },
                { name: "Could be from", cell: ({ since }) => (since === null ? "" : <When at={since} short />) },
                { name: "Weight", cell: ({ weight }) => Number(weight.toFixed(2)), end: true },
                { name: "log10 by time", cell: ({ log10 }) => log10?.toFixed(1) ?? "", end: true },
                { name: "In words", cell: ({ words }) => words },
            ]}
        />
    )
}

function factorOf(log10: number): string {
    const factor = 10 ** log10
    return factor < 10 ? factor.toFixed(1) : String(Math.round(factor))
}
