/** What else than one copy could explain a leak, how well by the marks, and who of the operator had the text. */
import { Section, Table } from "../kit/table.tsx"
import type { Best } from "./evidence-reads.ts"
import { useNames } from "./viewer.tsx"

type One = Best["hypotheses"][number]

export function Hypotheses({ of }: { of: Best }) {
    return (
        <Section title="Rival explanations">
            <Table
                caption="Rival explanations, each against chance and against the copy that fits best"
                rows={of.hypotheses}
                keyOf={({ key }) => key}
                columns={[
                    { name: "Explanation", cell: (one) => <Explanation of={one} /> },
                    { name: "By the record", cell: (one) => <Persons of={personsOf(one, of.inside)} /> },
                    { name: "log10 against chance", cell: ({ log10 }) => log10.toFixed(1), end: true },
                    { name: "In words", cell: ({ words }) => words },
                    {
                        name: "Less well than the copy that fits best",
                        cell: ({ behind }) => lessWell(behind),
                        end: true,
                    },
                ]}
            />
            <p className="muted">In words: {of.scale}.</p>
        </Section>
    )
}

function lessWell(behind: number | null): string {
    if (behind === null) return ""
    return behind === 0 ? "not at all" : `by a factor of 10^${behind.toFixed(1)}`
}

function Explanation({ of: { title, partner, person, key } }: { of: One }) {
    const isCopy = partner !== null || person !== null
    const names = useNames()
    return (
        <>
            <strong>{title}</strong>
            {isCopy && key !== "remade" && <span className="block">{names.recipient({ partner, person })}</span>}
        </>
    )
}

/** Null where the record has nothing to say of it. */
function personsOf({ key }: One, { master, madeAgain, keys }: Best["inside"]): Persons | null {
    if (key === "master") return { had: "had it without marks", persons: master }
    if (key !== "remade") return null
    return { had: "made it again, or took out the key", persons: [...new Set([...madeAgain, ...keys])] }
}

interface Persons {
    readonly had: string
    readonly persons: readonly string[]
}

function Persons({ of }: { of: Persons | null }) {
    const names = useNames()
    if (of === null) return null
    if (of.persons.length === 0) return <span className="muted">nobody {of.had}</span>
    const many = of.persons.length === 1 ? "1 person" : `${of.persons.length} persons`
    return (
        <>
            {many} {of.had}: {of.persons.map(names.person).toSorted().join(", ")}
        </>
    )
}
