/** Competing hypotheses to one leaking copy, their fit with the marks, and who had the text unmarked. */
import { formatLog10e } from "../../../../../server/src/trace/attribution/attribution.ts"
import { Section, Table } from "../../../kit/table.tsx"
import type { Best } from "./evidence-reads.ts"
import { RemadeBy, Whoever } from "./copy-makers.tsx"
import { useNames } from "../../artifacts/viewer.tsx"

type One = Best["hypotheses"][number]

export function Hypotheses({ best }: { best: Best }) {
    return (
        <Section title="Competing hypotheses">
            <Table
                caption="Competing hypotheses, each against chance and against the copy that fits best"
                rows={best.hypotheses}
                keyOf={({ key }) => key}
                columns={[
                    { name: "Hypothesis", cell: (item) => <Explanation subject={item} /> },
                    { name: "By the record", cell: (item) => <Record subject={item} inside={best.otherHolders} /> },
                    { name: "log10 against chance", cell: ({ log10 }) => formatLog10e(log10, 1), end: true },
                    { name: "In words", cell: ({ text }) => text },
                    {
                        name: "Less well than the copy that fits best",
                        cell: ({ behind }) => lessWell(behind),
                        end: true,
                    },
                ]}
            />
            <p className="muted">In words: {best.scale}.</p>
        </Section>
    )
}

function lessWell(behind: number | null): string {
    if (behind === null) return ""
    return formatLog10e(behind, 1) === "0.0" ? "not at all" : `by a factor of 10^${formatLog10e(behind, 1)}`
}

function Explanation({ subject: { title, partner, person, key } }: { subject: One }) {
    const isCopy = partner !== null || person !== null
    const names = useNames()
    return (
        <>
            <strong>{title}</strong>
            {isCopy && key !== "remade" && <span className="block">{names.recipient({ partner, person })}</span>}
        </>
    )
}

/** Shows the log's evidence about a hypothesis; empty if there is none. */
function Record({ subject: { key }, inside }: { subject: One; inside: Best["otherHolders"] }) {
    const names = useNames()
    const { masterReaders: master, polled } = inside
    if (key === "remade") return <RemadeBy remade={inside} />
    if (key !== "master") return null
    return (
        <>
            <Whoever people={["person", "people"]} had="had it without marks" names={master.map(names.person)} />
            {polled.length > 0 && (
                <span className="block">
                    <Whoever people={["partner", "partners"]} had="polled it" names={polled.map(names.partner)} />
                </span>
            )}
        </>
    )
}
