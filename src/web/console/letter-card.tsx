/** A letter that was sent, with the partner's answer; and that somebody has read it. */
import { Do } from "../kit/button.tsx"
import { When } from "../kit/instant.tsx"
import { Badge } from "../kit/table.tsx"
import type { SentLetter } from "./procedure-answers.ts"
import { useNames, useWhyNot } from "./viewer.tsx"

interface LetterCardProps {
    of: SentLetter
    /** Outside of a procedure, an answer waits until somebody has read it. */
    notes?: boolean
}

export function LetterCard({ of, notes = false }: LetterCardProps) {
    const names = useNames()
    return (
        <article className="card" aria-label={of.subject}>
            <div className="card-head">
                <h3>{of.subject}</h3>
                <span className="muted">
                    to {names.partner(of.partner)}, <When at={of.sentAt} short />
                </span>
            </div>
            <p className="letter">{of.text}</p>
            {of.answer === null ? (
                (notes || of.kind === "concern") && <p className="muted">Not answered yet.</p>
            ) : (
                <blockquote className="letter">
                    {of.answer} <When at={of.answeredAt} short />
                </blockquote>
            )}
            {notes && of.answer !== null && <Noted of={of} />}
        </article>
    )
}

function Noted({ of }: { of: SentLetter }) {
    const not = useWhyNot()("letter:mark_read")
    if (of.notedAt !== null) return <Badge tone="good">read</Badge>
    return (
        <div className="row end">
            <Do not={not} write={{ method: "POST", path: `/api/letters/${of.id}/mark-read` }}>
                Read: nothing more to do
            </Do>
        </div>
    )
}
