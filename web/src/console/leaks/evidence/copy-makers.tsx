/** Lists the staff members who could have another recipient's copy, according to the audit log. */
import { useNames } from "../../artifacts/viewer.tsx"

export interface Remade {
    readonly reproducedBy: readonly string[]
    readonly keyHolders: readonly string[]
}

export function RemadeBy({ remade: { reproducedBy, keyHolders } }: { remade: Remade }) {
    const entries = [...new Set([...reproducedBy, ...keyHolders])].map(useNames().person)
    return <Whoever people={["person", "people"]} had="made it again, or took out the key" names={entries} />
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
