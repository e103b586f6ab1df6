/** Letters to this partner, the one answer that its lead gives to each, and the appeal against what was decided. */
import type { LetterKind } from "../../trace/measures/letter.ts"
import { AskForm } from "../kit/form.tsx"
import { Distance, When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../kit/notice.tsx"
import { Badge, Facts, Page } from "../kit/table.tsx"
import type { Letter } from "./answers.ts"
import { useLetters, useMe, useWhyNot } from "./viewer.ts"

const kindNames: Readonly<Record<LetterKind, string>> = {
    restrict: "restriction",
    loosening: "restriction eased",
    lift: "restriction lifted",
    "end by duty": "restriction ended",
    "interim suspension": "interim suspension",
    "suspension kept": "suspension kept for now",
    reinstatement: "reinstatement",
    "suspension ended": "one suspension ended",
    concern: "asks for your answer",
    "more time": "more time",
    "no sanction": "nothing follows",
    reprimand: "decision: reprimand",
    suspension: "decision: suspension",
    termination: "decision: end of membership",
    "appeal stands": "appeal: it stands",
    "appeal eased": "appeal: milder",
    "appeal lifted": "appeal: lifted",
}

export function LettersScreen() {
    const letters = useLetters()
    return (
        <Page title="Letters">
            <Loaded of={letters}>
                {({ letters: all }) =>
                    all.length === 0 ? (
                        <Empty title="There are no letters.">
                            Decisions of the operator about your organisation appear here, whatever your status is.
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
    const { takenAt, reviewBy, endedAt } = of.about
    return (
        <article className="section" aria-label={of.subject}>
            <div className="section-head">
                <h2>{of.subject}</h2>
                <span className="row">
                    <Badge tone={endedAt === null ? "due" : "plain"}>
                        {endedAt === null ? kindNames[of.kind] : `${kindNames[of.kind]}, ended`}
                    </Badge>
                    <When at={of.sentAt} />
                </span>
            </div>
            {of.procedure === null && (
                <p className="muted">
                    Holds from <When at={takenAt} />
                    {reviewBy !== null && (
                        <>
                            ; reviewed by two people until <When at={reviewBy} />
                        </>
                    )}
                </p>
            )}
            <p className="letter">{of.text}</p>
            {of.procedure !== null && <ProcedureFacts of={of.procedure} />}
            <Reply of={of} />
        </article>
    )
}

type Procedure = NonNullable<Letter["procedure"]>

function ProcedureFacts({ of }: { of: Procedure }) {
    const { obligation, answerBy, appealBy, returnFrom, terms } = of
    return (
        <Facts
            of={[
                ["Obligation", `${obligation.id}: ${obligation.text} (agreement, version ${obligation.agreement})`],
                ...(answerBy === null ? [] : [["Answer until", <Until key="answer" at={answerBy} />] as const]),
                ...(appealBy === null ? [] : [["Appeal until", <Until key="appeal" at={appealBy} />] as const]),
                ...(returnFrom === null ? [] : [["Return from", <When key="return" at={returnFrom} />] as const]),
                ...(terms === null ? [] : [["Terms of return", terms] as const]),
            ]}
        />
    )
}

function Until({ at }: { at: string }) {
    return (
        <>
            <When at={at} /> <Distance at={at} now={useMe().now} />
        </>
    )
}

/** What can be said to it: once, and only where it is for an answer or an appeal. */
function Reply({ of }: { of: Letter }) {
    const { procedure, answer } = of
    if (answer !== null) return <Said name="Your answer" words={answer} at={of.answeredAt} />
    if (procedure === null) return <Write of={of} what="answer" />
    if (procedure.mayAnswer) return <Write of={of} what="answer" />
    if (procedure.appeal !== null) {
        return <Said name="Your appeal" words={procedure.appeal} at={procedure.appealedAt} />
    }
    if (procedure.mayAppeal) return <Write of={of} what="appeal" />
    if (of.kind === "concern") return <Notice>You did not answer; it was decided without.</Notice>
    if (procedure.appealBy !== null) return <Notice>The term for an appeal is over.</Notice>
    return null
}

function Said({ name, words, at }: { name: string; words: string; at: string | null }) {
    return (
        <blockquote>
            <p className="muted">
                {name}, <When at={at} short />
            </p>
            <p className="letter">{words}</p>
        </blockquote>
    )
}

const asks = {
    answer: { label: "Your answer", hint: "one answer a letter; it is kept", submit: "Send the answer" },
    appeal: {
        label: "Your appeal",
        hint: "once; it is decided by two persons who did not decide before",
        submit: "Send the appeal",
    },
}

function Write({ of, what }: { of: Letter; what: keyof typeof asks }) {
    const not = useWhyNot()("letter:answer")
    if (not !== null) return <p className="muted">{`Not ${what}ed yet: ${not}.`}</p>
    const { label, hint, submit } = asks[what]
    return (
        <AskForm
            asked={[{ name: "text", label, kind: "text", hint }]}
            submit={submit}
            write={(body) => ({ method: "POST", path: `/api/letters/${of.id}/${what}`, body })}
        />
    )
}
