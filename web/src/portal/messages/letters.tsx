/** Letters to this partner, its lead's one answer to each, and the appeal against a decision. */
import { writeTo } from "../api.ts"
import type { LetterKind } from "../../../../server/src/trace/measures/letter.ts"
import { AskForm } from "../../kit/form.tsx"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import type { Letter } from "../answers.ts"
import { useLetters, useMe, useWhyNot } from "../viewer.ts"

const kindNames: Readonly<Record<LetterKind, string>> = {
    restrict: "restriction",
    relaxation: "restriction relaxed",
    lift: "restriction lifted",
    end_by_reporting_duty: "restriction ended",
    interim_suspension: "interim suspension",
    suspension_extended: "suspension kept for now",
    reinstatement: "reinstatement",
    suspension_ended: "one suspension ended",
    statement_of_concern: "asks for your answer",
    extension: "more time",
    no_sanction: "nothing follows",
    reprimand: "decision: reprimand",
    suspension: "decision: suspension",
    termination: "decision: end of membership",
    decision_upheld: "appeal: decision upheld",
    decision_relaxed: "appeal: milder",
    decision_lifted: "appeal: lifted",
}

export function LettersScreen() {
    const letters = useLetters()
    return (
        <Page title="Letters">
            <Loaded query={letters}>
                {({ letters }) =>
                    letters.length === 0 ? (
                        <Empty title="There are no letters.">
                            Decisions of the operator about your organisation appear here, whatever your status is.
                        </Empty>
                    ) : (
                        letters.map((letter) => <OneLetter key={letter.id} letter={letter} />)
                    )
                }
            </Loaded>
        </Page>
    )
}

function OneLetter({ letter }: { letter: Letter }) {
    const { takenAt, reviewBy, endedAt } = letter.about
    return (
        <article className="section" aria-label={letter.subject}>
            <div className="section-head">
                <h2>{letter.subject}</h2>
                <span className="row">
                    <Badge tone={endedAt === null ? "due" : "plain"}>
                        {endedAt === null ? kindNames[letter.kind] : `${kindNames[letter.kind]}, ended`}
                    </Badge>
                    <When at={letter.sentAt} />
                </span>
            </div>
            {letter.procedure === null && (
                <p className="muted">
                    Holds from <When at={takenAt} />
                    {reviewBy !== null && (
                        <>
                            ; reviewed by two people until <When at={reviewBy} />
                        </>
                    )}
                </p>
            )}
            <p className="letter">{letter.text}</p>
            {letter.procedure !== null && <ProcedureFacts subject={letter.procedure} />}
            <Reply letter={letter} />
        </article>
    )
}

type Procedure = NonNullable<Letter["procedure"]>

function ProcedureFacts({ subject }: { subject: Procedure }) {
    const { obligation, answerBy, appealBy, returnFrom, terms } = subject
    return (
        <Facts
            items={[
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

/** The reply form: once, and only if the letter allows an answer or an appeal. */
function Reply({ letter }: { letter: Letter }) {
    const { procedure, answer } = letter
    if (answer !== null) return <Said name="Your answer" text={answer} at={letter.answeredAt} />
    if (procedure === null) return <Write letter={letter} kind="answer" />
    if (procedure.mayAnswer) return <Write letter={letter} kind="answer" />
    if (procedure.appeal !== null) {
        return <Said name="Your appeal" text={procedure.appeal} at={procedure.appealedAt} />
    }
    if (procedure.mayAppeal) return <Write letter={letter} kind="appeal" />
    if (letter.kind === "statement_of_concern") return <Notice>You did not answer; it was decided without.</Notice>
    if (procedure.appealBy !== null) return <Notice>The term for an appeal is over.</Notice>
    return null
}

function Said({ name, text, at }: { name: string; text: string; at: string | null }) {
    return (
        <blockquote>
            <p className="muted">
                {name}, <When at={at} short />
            </p>
            <p className="letter">{text}</p>
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

function Write({ letter, kind }: { letter: Letter; kind: keyof typeof asks }) {
    const disabledReason = useWhyNot()("letter:answer")
    if (disabledReason !== null) return <p className="muted">{`Not ${kind}ed yet: ${disabledReason}.`}</p>
    const { label, hint, submit } = asks[kind]
    return (
        <AskForm
            requests={[{ name: "text", label, kind: "text", hint }]}
            submit={submit}
            write={(body) => writeTo("POST", `/api/letters/${letter.id}/${kind}`, body)}
        />
    )
}
