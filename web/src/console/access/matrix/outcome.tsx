/** The sign of an outcome. Colour and shape differ; a word or an instant stands beside it. */
import type { Outcome } from "../../../../../server/src/share/entitlement/ruling.ts"

export function OutcomeGlyph({ outcome }: { outcome: Outcome }) {
    return (
        <svg className={`glyph ${outcome}`} viewBox="0 0 12 12" aria-hidden="true">
            {shapes[outcome]}
        </svg>
    )
}

const frame = <rect x="1.75" y="1.75" width="8.5" height="8.5" rx="2" fill="none" strokeWidth="1.5" />

const shapes = {
    full: <rect x="1" y="1" width="10" height="10" rx="2.5" />,
    reduced: (
        <>
            {frame}
            <path d="M1.75 10.25v-8.5h4.25v8.5z" stroke="none" />
        </>
    ),
    at_publication: (
        <>
            {frame}
            <path d="M6 3.8V6l1.5 1" fill="none" strokeWidth="1.3" strokeLinecap="round" />
        </>
    ),
    withheld: <path d="M2.5 6h7" strokeWidth="1.8" strokeLinecap="round" />,
}
