/** Letters to this partner, and the one answer that its lead gives to each. */
import { AskForm } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Page } from "../kit/table.tsx"
import type { Letter } from "./answers.ts"
import { useLetters, useWhyNot } from "./viewer.ts"

export function LettersScreen() {
    const letters = useLetters()
    return (
        <Page title="Letters">
            <Loaded of={letters}>
                {({ letters: all }) =>
                    all.length === 0 ? (
                        <Empty title="There are no letters.">
                            What the program decides about your organisation is told here, in every standing.
                        </Empty>
                    ) : (
                        all.map((one) => <OneLetter key={one.id} of={one} />)
                    )
                }
            </Loaded>
        </Page>
    )
}

function OneLetter({ of }: { of: Letter }) {
    const { kind, takenAt, reviewBy, endedAt } = of.about
    return (
        <article className="section" aria-label={of.subject}>
            <div className="section-head">
                <h2>{of.subject}</h2>
                <span className="row">
                    <Badge tone={endedAt === null ? "due" : "plain"}>
                        {endedAt === null ? kind : `${kind}, ended`}
                    </Badge>
                    <When at={of.sentAt} />
                </span>
            </div>
            <p className="muted">
                Holds from <When at={takenAt} />
                {reviewBy !== null && (
                    <>
                        ; reviewed by two people until <When at={reviewBy} />
                    </>
                )}
            </p>
            <p className="letter">{of.text}</p>
            {of.answer === null ? <Answer of={of} /> : <Answered of={of} />}
        </article>
    )
}

function Answered({ of }: { of: Letter }) {
    return (
        <blockquote>
            <p className="muted">
                Your answer, <When at={of.answeredAt} short />
            </p>
            <p className="letter">{of.answer}</p>
        </blockquote>
    )
}

function Answer({ of }: { of: Letter }) {
    const not = useWhyNot()("letter:answer")
    if (not !== null) return <p className="muted">Not answered yet: {not}.</p>
    return (
        <AskForm
            asked={[{ name: "text", label: "Your answer", kind: "text", hint: "one answer a letter; it is kept" }]}
            submit="Send the answer"
            write={(body) => ({ method: "POST", path: `/api/letters/${of.id}/answer`, body })}
        />
    )
}
