/** Letters to this partner, one answer by a lead to each, and the appeal against a decision. */
import { useState } from "react"
import type { LetterKind } from "../../../../server/src/trace/measures/letter.ts"
import { writeTo } from "../api.ts"
import { AskForm } from "../../kit/form.tsx"
import { Distance, When, wordsOf } from "../../kit/instant.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Facts } from "../../kit/table.tsx"
import type { Letter } from "../answers.ts"
import { useLetters, useMe, useWhyNot } from "../viewer.ts"
import { answerDueAt, needsAnswer } from "./letter-state.ts"
import { MessageList } from "./message-list.tsx"

const kindNames: Readonly<Record<LetterKind, string>> = {
    restrict: "restriction",
    relaxation: "restriction relaxed",
    lift: "restriction lifted",
    end_by_reporting_duty: "restriction ended",
    interim_suspension: "interim suspension",
    suspension_extended: "suspension extended",
    reinstatement: "reinstatement",
    suspension_ended: "suspension ended",
    statement_of_concern: "statement of concern",
    extension: "more time",
    no_sanction: "no measure",
    reprimand: "reprimand",
    suspension: "suspension",
    termination: "termination",
    decision_upheld: "appeal: upheld",
    decision_relaxed: "appeal: relaxed",
    decision_lifted: "appeal: lifted",
}

export function Letters() {
    const letters = useLetters()
    const open = letters.data?.letters.filter(isOpenLetter).length ?? 0
    return (
        <Page title="Messages" lead={open === 0 ? "No letter needs an answer." : `${open} need an answer.`}>
            <Loaded query={letters}>
                {({ letters }) =>
                    letters.length === 0 ? (
                        <Empty title="No letters yet.">
                            Decisions of the operator about your organisation appear here, whatever your status is.
                        </Empty>
                    ) : (
                        <LetterList letters={letters} />
                    )
                }
            </Loaded>
        </Page>
    )
}

const isOpenLetter = (letter: Letter): boolean => letter.about.endedAt === null && needsAnswer(letter)

function LetterList({ letters }: { letters: readonly Letter[] }) {
    const [chosen, setChosen] = useState<string | null>(null)
    const open = letters.filter(isOpenLetter)
    const shown = letters.find(({ id }) => id === chosen) ?? open[0] ?? letters[0]
    const rowOf = (letter: Letter) => ({
        id: letter.id,
        title: letter.subject,
        detail: kindNames[letter.kind],
        at: letter.sentAt,
        answerBy: isOpenLetter(letter) ? answerDueAt(letter) : null,
    })
    return (
        <MessageList
            label="Letters"
            groups={[
                { name: "Need an answer", rows: open.map(rowOf) },
                { name: "Closed", rows: letters.filter((letter) => !isOpenLetter(letter)).map(rowOf) },
            ]}
            chosen={shown?.id ?? null}
            onChoose={setChosen}
        >
            {shown !== undefined && <OneLetter key={shown.id} letter={shown} />}
        </MessageList>
    )
}

function OneLetter({ letter }: { letter: Letter }) {
    const { takenAt, reviewBy, endedAt } = letter.about
    return (
        <article className="message" aria-label={letter.subject}>
            <header className="row">
                <h2 className="grow">{letter.subject}</h2>
                <Badge tone={endedAt === null ? "due" : "plain"}>{kindNames[letter.kind]}</Badge>
                {endedAt !== null && <Badge>ended</Badge>}
            </header>
            <p className="muted">
                From the operator, <When at={letter.sentAt} short />
                {letter.procedure === null && (
                    <>
                        . In effect since {wordsOf(takenAt)}
                        {reviewBy !== null && `. Two people review it by ${wordsOf(reviewBy)}`}
                    </>
                )}
            </p>
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
        <>
            <blockquote>
                <strong>{obligation.id}</strong> {obligation.text}{" "}
                <span className="muted">(agreement {obligation.agreement})</span>
            </blockquote>
            <Facts
                items={[
                    ...(answerBy === null ? [] : [["Answer by", <Until key="answer" at={answerBy} />] as const]),
                    ...(appealBy === null ? [] : [["Appeal by", <Until key="appeal" at={appealBy} />] as const]),
                    ...(returnFrom === null ? [] : [["Return from", <When key="return" at={returnFrom} />] as const]),
                    ...(terms === null ? [] : [["Terms of return", terms] as const]),
                ]}
            />
        </>
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
    if (answer !== null) return <Sent name="Your answer" text={answer} at={letter.answeredAt} />
    if (procedure === null || procedure.mayAnswer) return <Write letter={letter} kind="answer" />
    if (procedure.appeal !== null) return <Sent name="Your appeal" text={procedure.appeal} at={procedure.appealedAt} />
    if (procedure.mayAppeal) return <Write letter={letter} kind="appeal" />
    if (letter.kind === "statement_of_concern") {
        return <Notice>You did not answer in time. The operator decided without your answer.</Notice>
    }
    if (procedure.appealBy !== null) return <Notice>The time for an appeal is over.</Notice>
    return null
}

export function Sent({ name, text, at }: { name: string; text: string; at: string | null }) {
    return (
        <blockquote>
            <p className="muted">
                {name}, <When at={at} short />
            </p>
            <p className="letter">{text}</p>
        </blockquote>
    )
}

const forms = {
    answer: { label: "Your answer", hint: "You can answer a letter once.", submit: "Send answer" },
    appeal: {
        label: "Your appeal",
        hint: "You can appeal once. Two people who did not decide before decide the appeal.",
        submit: "Send appeal",
    },
}

function Write({ letter, kind }: { letter: Letter; kind: keyof typeof forms }) {
    const disabledReason = useWhyNot()("letter:answer")
    if (disabledReason !== null) return <p className="muted">{`No ${kind} yet: ${disabledReason}.`}</p>
    const { label, hint, submit } = forms[kind]
    return (
        <AskForm
            requests={[{ name: "text", label, kind: "text", hint }]}
            submit={submit}
            write={(body) => writeTo("POST", `/api/letters/${letter.id}/${kind}`, body)}
        />
    )
}
