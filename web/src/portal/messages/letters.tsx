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
import { rich, t } from "../../messages/message.ts"

const kindNames: Readonly<Record<LetterKind, string>> = {
    restrict: t("restriction"),
    relaxation: t("restriction relaxed"),
    lift: t("restriction lifted"),
    end_by_reporting_duty: t("restriction ended"),
    interim_suspension: t("interim suspension"),
    suspension_extended: t("suspension extended"),
    reinstatement: t("reinstatement"),
    suspension_ended: t("suspension ended"),
    statement_of_concern: t("statement of concern"),
    extension: t("more time"),
    no_sanction: t("no measure"),
    reprimand: t("reprimand"),
    suspension: t("suspension"),
    termination: t("termination"),
    decision_upheld: t("appeal: upheld"),
    decision_relaxed: t("appeal: relaxed"),
    decision_lifted: t("appeal: lifted"),
}

export function Letters() {
    const letters = useLetters()
    const open = letters.data?.letters.filter(isOpenLetter).length ?? 0
    const lead =
        open === 0
            ? t("No letter needs an answer.")
            : t("{count, plural, one {# letter needs an answer.} other {# letters need an answer.}}", { count: open })
    return (
        <Page title={t("Messages")} lead={lead}>
            <Loaded query={letters}>
                {({ letters }) =>
                    letters.length === 0 ? (
                        <Empty title={t("No letters yet.")}>
                            {t(
                                "Decisions of the operator about your organisation appear here, whatever your status is.",
                            )}
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
            label={t("Letters")}
            groups={[
                { name: t("Need an answer"), rows: open.map(rowOf) },
                { name: t("Closed"), rows: letters.filter((letter) => !isOpenLetter(letter)).map(rowOf) },
            ]}
            chosen={shown?.id ?? null}
            onChoose={setChosen}
        >
            {shown !== undefined && <OneLetter key={shown.id} letter={shown} />}
        </MessageList>
    )
}

function OneLetter({ letter }: { letter: Letter }) {
    const { endedAt } = letter.about
    return (
        <article className="message" aria-label={letter.subject}>
            <header className="row">
                <h2 className="grow">{letter.subject}</h2>
                <Badge tone={endedAt === null ? "due" : "plain"}>{kindNames[letter.kind]}</Badge>
                {endedAt !== null && <Badge>{t("ended")}</Badge>}
            </header>
            <p className="muted">
                <Origin letter={letter} />
            </p>
            <p className="letter" lang="">
                {letter.text}
            </p>
            {letter.procedure !== null && <ProcedureFacts subject={letter.procedure} />}
            <Reply letter={letter} />
        </article>
    )
}

function Origin({ letter: { sentAt, procedure, about } }: { letter: Letter }) {
    const sent = <When at={sentAt} short />
    if (procedure !== null) return rich("From the operator, {sentAt}", { sentAt: sent })
    const since = wordsOf(about.takenAt)
    if (about.reviewBy === null)
        return rich("From the operator, {sentAt}. In effect since {since}", { sentAt: sent, since })
    return rich("From the operator, {sentAt}. In effect since {since}. Two people review it by {reviewBy}", {
        sentAt: sent,
        since,
        reviewBy: wordsOf(about.reviewBy),
    })
}

type Procedure = NonNullable<Letter["procedure"]>

function ProcedureFacts({ subject }: { subject: Procedure }) {
    const { obligation, answerBy, appealBy, returnFrom, terms } = subject
    return (
        <>
            <blockquote>
                <strong>{obligation.id}</strong> {obligation.text}{" "}
                <span className="muted">{t("(agreement {agreement})", { agreement: obligation.agreement })}</span>
            </blockquote>
            <Facts
                items={[
                    ...(answerBy === null ? [] : [[t("Answer by"), <Until key="answer" at={answerBy} />] as const]),
                    ...(appealBy === null ? [] : [[t("Appeal by"), <Until key="appeal" at={appealBy} />] as const]),
                    ...(returnFrom === null
                        ? []
                        : [[t("Return from"), <When key="return" at={returnFrom} />] as const]),
                    ...(terms === null ? [] : [[t("Terms of return"), terms] as const]),
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
    if (answer !== null) return <Sent name={t("Your answer")} text={answer} at={letter.answeredAt} />
    if (procedure === null || procedure.mayAnswer) return <Write letter={letter} kind="answer" />
    if (procedure.appeal !== null)
        return <Sent name={t("Your appeal")} text={procedure.appeal} at={procedure.appealedAt} />
    if (procedure.mayAppeal) return <Write letter={letter} kind="appeal" />
    if (letter.kind === "statement_of_concern") {
        return <Notice>{t("You did not answer in time. The operator decided without your answer.")}</Notice>
    }
    if (procedure.appealBy !== null) return <Notice>{t("The time for an appeal is over.")}</Notice>
    return null
}

export function Sent({ name, text, at }: { name: string; text: string; at: string | null }) {
    return (
        <blockquote>
            <p className="muted">
                {name}, <When at={at} short />
            </p>
            <p className="letter" lang="">
                {text}
            </p>
        </blockquote>
    )
}

const forms = {
    answer: {
        label: t("Your answer"),
        hint: t("You can answer a letter once."),
        submit: t("Send answer"),
        notYet: (reason: string) => t("No answer yet: {reason}.", { reason }),
    },
    appeal: {
        label: t("Your appeal"),
        hint: t("You can appeal once. Two people who did not decide before decide the appeal."),
        submit: t("Send appeal"),
        notYet: (reason: string) => t("No appeal yet: {reason}.", { reason }),
    },
}

function Write({ letter, kind }: { letter: Letter; kind: keyof typeof forms }) {
    const disabledReason = useWhyNot()("letter:answer")
    const { label, hint, submit, notYet } = forms[kind]
    if (disabledReason !== null) return <p className="muted">{notYet(disabledReason)}</p>
    return (
        <AskForm
            requests={[{ name: "text", label, kind: "text", hint }]}
            submit={submit}
            write={(body) => writeTo("POST", `/api/letters/${letter.id}/${kind}`, body)}
        />
    )
}
