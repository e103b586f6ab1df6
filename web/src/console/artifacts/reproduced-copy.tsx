/** Lists the staff members who could have another recipient's copy, according to the audit log. */
import { useNames } from "./viewer.tsx"

export interface Remade {
    readonly madeAgain: readonly string[]
    readonly keys: readonly string[]
}

export function RemadeBy({ remade: { madeAgain, keys } }: { remade: Remade }) {
    const entries = [...new Set([...madeAgain, ...keys])].map(useNames().person)
    return <Whoever people={["person", "persons"]} had="made it again, or took out the key" names={entries} />
}

interface WhoeverProps {
    readonly people: readonly [one: string, many: string]
    readonly had: string
    readonly names: readonly string[]
}

export function Whoever({ people: [item, many], had, names }: WhoeverProps) {
    if (names.length === 0) return <span className="muted">nobody {had}</span>
    return (
        <>
            {names.length} {names.length === 1 ? item : many} {had}: {names.toSorted().join(", ")}
        </>
    )
}
