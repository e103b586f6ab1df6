/** A sent letter with the partner's answer, and the button that marks the answer as read. */
import { writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Badge } from "../../kit/table.tsx"
import type { SentLetter } from "./procedure-answers.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { rich, t } from "../../messages/message.ts"

interface LetterCardProps {
    letter: SentLetter
}

export function LetterCard({ letter }: LetterCardProps) {
    const names = useNames()
    return (
        <article className="card" aria-label={letter.subject}>
            <div className="card-head">
                <h3>{letter.subject}</h3>
                <span className="muted">
                    {rich("to {partner}, {sentAt}", {
                        partner: names.partner(letter.partner),
                        sentAt: <When at={letter.sentAt} short />,
                    })}
                </span>
            </div>
            <p className="letter" lang="">
                {letter.text}
            </p>
            {letter.answer === null ? (
                <p className="muted">{t("No answer yet.")}</p>
            ) : (
                <blockquote className="letter">
                    <span lang="">{letter.answer}</span> <When at={letter.answeredAt} short />
                </blockquote>
            )}
            {letter.answer !== null && <MarkRead letter={letter} />}
        </article>
    )
}

function MarkRead({ letter }: { letter: SentLetter }) {
    const disabledReason = useWhyNot()("letter:mark_read")
    if (letter.readAt !== null) return <Badge tone="good">{t("read")}</Badge>
    return (
        <div className="row end">
            <Do disabledReason={disabledReason} write={writeTo("POST", `/api/letters/${letter.id}/mark-read`)}>
                {t("Mark as read")}
            </Do>
        </div>
    )
}
