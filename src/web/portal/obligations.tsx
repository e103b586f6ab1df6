/** What an agreement binds to, point by point, as programs check it. */
import type { Obligation } from "../../trust/partners/obligation.ts"
import { Badge } from "../kit/table.tsx"
import { kindLine } from "./due-words.ts"

export function Obligations({ of }: { of: readonly Obligation[] }) {
    if (of.length === 0) return <p className="muted">No obligation stands beside this text: the text alone binds.</p>
    return (
        <ol className="obligations" aria-label="Obligations">
            {of.map((one) => (
                <li key={one.id} className="card">
                    <ObligationLine of={one} />
                </li>
            ))}
        </ol>
    )
}

export function ObligationLine({ of }: { of: Obligation }) {
    return (
        <>
            <span className="row">
                <strong>{of.id}</strong> <Badge>{kindLine(of)}</Badge>
            </span>
            <span>{of.text}</span>
        </>
    )
}
