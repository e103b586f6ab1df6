/** A sent letter with the partner's answer, and the button that marks the answer as read. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge } from "../../kit/table.tsx"
import type { SentLetter } from "./procedure-answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"

interface LetterCardProps {
    letter: SentLetter
    /** Outside a procedure, an answer is a task until a staff member reads it. */
    notes?: boolean
}

export function LetterCard({ letter, notes = false }: LetterCardProps) {
    const names = useNames()
    return (
        <article className="card" aria-label={letter.subject}>
            <div className="card-head">
                <h3>{letter.subject}</h3>
                <span className="muted">
                    to {names.partner(letter.partner)}, <When at={letter.sentAt} short />
                </span>
            </div>
            <p className="letter">{letter.text}</p>
            {letter.answer === null ? (
                (notes || letter.kind === "statement_of_concern") && <p className="muted">Not answered yet.</p>
            ) : (
                <blockquote className="letter">
                    {letter.answer} <When at={letter.answeredAt} short />
                </blockquote>
            )}
            {notes && letter.answer !== null && <Noted letter={letter} />}
        </article>
    )
}

function Noted({ letter }: { letter: SentLetter }) {
    const disabledReason = useWhyNot()("letter:mark_read")
    if (letter.readAt !== null) return <Badge tone="good">read</Badge>
    return (
        <div className="row end">
            <Do disabledReason={disabledReason} write={writeTo("POST", `/api/letters/${letter.id}/mark-read`)}>
                Read: nothing more to do
            </Do>
        </div>
    )
}
