/** Timing evidence from a staggered release, next to the hypotheses and weights, and separate from every e-value. */
import { valueText } from "@tocsin/base/value-text"
import { Link } from "@tanstack/react-router"
import { useEffect, useRef } from "react"
import { type AnswerTo, useLook } from "../../api.ts"
import { When } from "../../../kit/instant.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { Section, Table } from "../../../kit/table.tsx"
import { useNames } from "../../artifacts/viewer.tsx"

interface Row {
    readonly key: string
    readonly title: string
    readonly partner: string | null
    readonly since: string | null
    readonly weight: number
    readonly log10: number | null
    readonly text: string
}

type TimingAnswer = AnswerTo<"/api/inquiries/{id}/timing">

interface TimingProps {
    readonly inquiry: string
    /** The basis of the computation. If it changes, the result is requested again. */
    readonly basis: string
}

export function TimingSection({ inquiry, basis }: TimingProps) {
    const look = useLook(`/api/inquiries/${inquiry}/timing`)
    const request = useRef(basis)
    useEffect(() => {
        if (request.current === basis) return
        request.current = basis
        void look.refetch()
    }, [basis, look])
    return (
        <Section title="What time says">
            <Loaded query={look}>
                {(timing) => (
                    <>
                        <p className="caution">{timing.caution}</p>
                        <Seen subject={timing.firstObservation} />
                        <Explanations rows={timing.rows} />
                        {timing.evenAt !== null && (
                            <p>
                                By these weights, evidence has to speak for one partner by a factor of{" "}
                                {factorOf(timing.evenAt)} before its part is as likely as all else together.
                            </p>
                        )}
                        <ul className="muted">
                            {timing.assumptions.map((assumption) => (
                                <li key={assumption}>{assumption}</li>
                            ))}
                        </ul>
                        <p className="muted">In words: {timing.scale}.</p>
                    </>
                )}
            </Loaded>
        </Section>
    )
}

function Seen({ subject }: { subject: TimingAnswer["firstObservation"] }) {
    if (subject === null) return <p>No evidence of this inquiry says when anything was first seen.</p>
    return (
        <p>
            First seen: <Link to={`/leaks/evidence/${subject.evidence}`}>{valueText(subject.kind)}</Link>,{" "}
            <When at={subject.at} />, clock {subject.clock}.
        </p>
    )
}

function Explanations({ rows }: { rows: readonly Row[] }) {
    const names = useNames()
    return (
        <Table
            caption="Hypotheses: what each weighs before the evidence, and what time says of it"
            rows={rows}
            keyOf={(row) => row.partner ?? row.key}
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
                { name: "In words", cell: ({ text }) => text },
            ]}
        />
    )
}

function factorOf(log10: number): string {
    const factor = 10 ** log10
    return factor < 10 ? factor.toFixed(1) : String(Math.round(factor))
}
