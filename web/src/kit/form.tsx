/**
 * Forms as data: questions in order, and one request built from the answers.
 *
 * Instants are typed in UTC. The form reports an unreadable instant before it sends.
 */
import { Fragment, type SyntheticEvent, type ReactNode, useEffect, useRef, useState } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import { Refused, type Write, useWrite } from "./api.ts"
import { Button, type Look } from "./button.tsx"
import { Opens, Window } from "./dialog.tsx"
import { InScope, useNewScope, useScope } from "./draft-scope.tsx"
import { type Choice, Field, type Length, lengthOf } from "./field.tsx"
import { Failed, Notice, WaitsForSecond, waits } from "./notice.tsx"
import { refusalText, t } from "../messages/message.ts"

export interface Asked<Name extends string = string> {
    readonly name: Name
    readonly label: string
    /** Starts a group of questions with this heading. */
    readonly heading?: string
    readonly kind: "line" | "text" | "instant" | "choice" | "choices" | "check" | "file" | "number"
    readonly hint?: string
    readonly initial?: string
    readonly optional?: boolean
    readonly anyBytes?: boolean
    readonly from?: readonly Choice[]
    readonly length?: Length
    readonly hidden?: boolean
    /** Folds the question away under this summary, next to its neighbours with the same one. */
    readonly folded?: string
    /** Whether the question is asked, by the answers so far. */
    readonly onlyIf?: (answers: Answers) => boolean
    /** Returns the error in the answer, shown at its field before sending; null: valid. */
    readonly check?: (value: string) => string | null
    /** Codes of refusals about this answer, which are also shown at its field. */
    readonly codes?: readonly string[]
}

/** The question for the reason of an action. */
export const reasonField = { name: "reason", label: t("Reason"), kind: "text" } as const

export type Answers<Name extends string = string> = Readonly<Record<Name, string>>

/** The answers by name. A choice is one of its options, or empty where it is optional. */
export type AnswersTo<Item extends Asked> = { readonly [Each in Item as Each["name"]]: AnswerTo<Each> }

type AnswerTo<Item extends Asked> = Item extends { kind: "choice"; from: readonly Choice<infer Value>[] }
    ? Item extends { optional: true }
        ? Value | ""
        : Value
    : string

/** Returns the ticked values of a `choices` field. */
export function ticked(answers: Answers, name: string): string[] {
    return (answers[name] ?? "").split("\n").filter((value) => value !== "")
}

/** Returns the ticked values of a closed list. */
export function tickedOf<Value extends string>(values: readonly Value[], answers: Answers, name: string): Value[] {
    return values.filter((value) => ticked(answers, name).includes(value))
}

/** Returns the lines of a text with one entry a line. */
export function linesIn(text: string): string[] {
    return text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "")
}

/** Returns the error message of a server rule, for `check`; null: valid. */
export function faultBy(rule: () => unknown): string | null {
    try {
        rule()
        return null
    } catch (error) {
        if (error instanceof Refusal) return refusalText(error.code, error.message, error.values)
        throw error
    }
}

interface FormProps<Item extends Asked, Answer> {
    requests: readonly Item[]
    submit: string
    look?: Look
    /** Builds the request from the answers. May throw the message to show. */
    write: (answers: AnswersTo<Item>) => Write<Answer>
    onDone?: (answer: Answer) => void
    /** Content above the questions. */
    children?: ReactNode
    /** Lists the fields with an error above a long form, after an attempt to send. */
    hasSummary?: boolean
    /** Content below the questions, which depends on the answers so far. */
    below?: (answers: AnswersTo<Item>) => ReactNode
}

export function AskForm<const Item extends Asked, Answer>({
    requests: allRequests,
    submit,
    look = "main",
    write,
    onDone,
    children,
    hasSummary = false,
    below,
}: FormProps<Item, Answer>) {
    const [given, setAnswers] = useState<Answers>(() => initially(allRequests))
    const answers = withFirstChoices(allRequests, given)
    const requests = allRequests.filter(({ onlyIf }) => onlyIf?.(answers) ?? true)
    const [wrong, setWrong] = useState<Error | null>(null)
    const [tried, setTried] = useState(0)
    // The name differs from that of a dialog with the same title: scopes of one name keep no drafts.
    const own = useNewScope(submit, "form:")
    const scope = useScope() ?? own
    const doing = useWrite((answer: Answer) => {
        scope.clear()
        onDone?.(answer)
    })
    const form = useRef<HTMLFormElement>(null)
    const wrongWith = (request: Asked) => faultOf(request, answers[request.name] ?? "")
    const refusedAt = (request: Asked) => refusalOf(request, doing.error)
    const wrongAt = (request: Asked) => (tried > 0 ? (wrongWith(request) ?? refusedAt(request)) : null)
    useEffect(() => {
        if (tried > 0) focusWrong(form.current, 0)
    }, [tried, doing.error])
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        if (doing.isPending) return
        setTried(tried + 1)
        setWrong(null)
        if (requests.some((request) => wrongWith(request) !== null)) return
        try {
            doing.mutate(write(answers as AnswersTo<Item>))
        } catch (error) {
            setWrong(
                error instanceof Refusal ? new Refused(400, error.code, error.message, error.values) : (error as Error),
            )
        }
    }
    const change = (request: Asked, value: string) => {
        setAnswers((before) => ({ ...before, [request.name]: value }))
        if (refusedAt(request) !== null) doing.reset()
    }
    return (
        <form ref={form} className="form" onSubmit={send} noValidate>
            {children}
            {hasSummary && (
                <FaultSummary
                    labels={requests.filter((request) => wrongAt(request) !== null).map(({ label }) => label)}
                    onChoose={(n) => focusWrong(form.current, n)}
                />
            )}
            <InScope scope={scope}>
                <AskedFields requests={requests} answers={answers} wrongAt={wrongAt} onChange={change} />
                {below?.(answers as AnswersTo<Item>)}
            </InScope>
            <Failed error={wrong ?? (requests.some((request) => refusedAt(request) !== null) ? null : doing.error)} />
            <div className="row end">
                <Button type="submit" look={look} busy={doing.isPending}>
                    {submit}
                </Button>
            </div>
        </form>
    )
}

interface AskedFieldsProps {
    requests: readonly Asked[]
    answers: Answers
    wrongAt: (request: Asked) => string | null
    onChange: (request: Asked, value: string) => void
}

function AskedFields({ requests, ...fields }: AskedFieldsProps) {
    const summaries = new Set(requests.map(({ folded }) => folded))
    return [...summaries].map((summary) => {
        const group = requests.filter(({ folded }) => folded === summary)
        if (summary === undefined) return <OpenFields key="" requests={group} {...fields} />
        return (
            <Folded key={summary} summary={summary} isFaulty={group.some((each) => fields.wrongAt(each) !== null)}>
                <OpenFields requests={group} {...fields} />
            </Folded>
        )
    })
}

interface FoldedProps {
    summary: string
    /** Shows the questions, because an answer has an error. */
    isFaulty: boolean
    children: ReactNode
}

function Folded({ summary, isFaulty, children }: FoldedProps) {
    const [isOpen, setOpen] = useState(false)
    return (
        <details className="folded" open={isOpen || isFaulty} onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary>{summary}</summary>
            <div className="form">{children}</div>
        </details>
    )
}

function OpenFields({ requests, answers, wrongAt, onChange }: AskedFieldsProps) {
    return requests.map((request) => (
        <Fragment key={request.name}>
            {request.heading !== undefined && <h2 className="form-heading">{request.heading}</h2>}
            <Field
                {...request}
                value={answers[request.name] ?? ""}
                wrong={wrongAt(request)}
                onChange={(value) => onChange(request, value)}
            />
        </Fragment>
    ))
}

/** Moves the focus to the n-th field with an error. */
function focusWrong(form: HTMLFormElement | null, n: number): void {
    const field = form?.querySelectorAll(".field:has([aria-invalid=true])")[n]
    field?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus()
}

/** Lists the fields with an error; each leads to its field, which says what is wrong. */
function FaultSummary({ labels, onChoose }: { labels: readonly string[]; onChoose: (n: number) => void }) {
    if (labels.length === 0) return null
    return (
        <Notice tone="bad">
            <strong>
                {t("{count, plural, one {# field needs attention.} other {# fields need attention.}}", {
                    count: labels.length,
                })}
            </strong>
            <ul className="fault-list">
                {labels.map((label, n) => (
                    <li key={label}>
                        <button type="button" className="link" onClick={() => onChoose(n)}>
                            {label}
                        </button>
                    </li>
                ))}
            </ul>
        </Notice>
    )
}

function initially(requests: readonly Asked[]): Answers {
    return Object.fromEntries(requests.map(({ name, initial }) => [name, initial ?? ""]))
}

/** Sets an unanswered choice to its first option, which the field shows, also if its options load later. */
function withFirstChoices(requests: readonly Asked[], given: Answers): Answers {
    const answers = { ...given }
    for (const { name, kind, optional, from } of requests) {
        if (kind === "choice" && !optional && (given[name] ?? "") === "") answers[name] = from?.[0]?.value ?? ""
    }
    return answers
}

/** Returns the error in one answer that can be found before sending. */
function faultOf({ kind, optional, length, check }: Asked, value: string): string | null {
    const isEmpty = value.trim() === ""
    if (isEmpty && !optional && kind !== "check" && kind !== "choices") return t("this is not filled in")
    if (!isEmpty && kind === "instant")
        return faultBy(() => parseInstant(value)) === null ? null : t("enter a time like 12 Aug 10:00")
    if (!isEmpty && length !== undefined && lengthOf(value) < length.min)
        return t("write {min} characters or more", { min: length.min })
    if (length !== undefined && lengthOf(value) > length.max)
        return t("write {max} characters at most", { max: length.max })
    return check?.(value) ?? null
}

/** Returns the server's refusal of one answer. */
function refusalOf({ codes = [] }: Asked, error: Error | null): string | null {
    return error instanceof Refused && codes.includes(error.code) ? error.message : null
}

interface FormDialogProps<Item extends Asked, Answer> extends FormProps<Item, Answer> {
    button: ReactNode
    title: string
    buttonLook?: Look
    disabledReason?: string | null
    wide?: boolean
}

/**
 * A button that opens a form in a dialog. The dialog closes when the server has answered. For an answer with `done:
 * false`, it shows next to the button that a second signature is needed.
 */
export function FormDialog<const Item extends Asked, Answer>({
    button,
    title,
    buttonLook = "plain",
    disabledReason = null,
    wide = false,
    ...form
}: FormDialogProps<Item, Answer>) {
    const [isAsked, setAsked] = useState(false)
    return (
        <>
            {isAsked && <WaitsForSecond />}
            <Opens button={button} title={title} look={buttonLook} disabledReason={disabledReason} wide={wide}>
                {(close) => (
                    <AskForm
                        {...form}
                        onDone={(answer) => {
                            close()
                            setAsked(waits(answer))
                            form.onDone?.(answer)
                        }}
                    />
                )}
            </Opens>
        </>
    )
}

interface FormWindowProps<Item extends Asked, Answer> extends FormProps<Item, Answer> {
    title: string
    open: boolean
    onClose: () => void
    wide?: boolean
}

/** A form in a dialog that a menu opens. If a second signature is needed, the dialog stays and says so. */
export function FormWindow<const Item extends Asked, Answer>({
    title,
    open,
    onClose,
    wide = false,
    ...form
}: FormWindowProps<Item, Answer>) {
    const [isRequested, setRequested] = useState(false)
    const close = () => {
        setRequested(false)
        onClose()
    }
    return (
        <Window title={title} open={open} onClose={close} wide={wide}>
            {isRequested ? (
                <WaitsForSecond />
            ) : (
                <AskForm
                    {...form}
                    onDone={(answer) => {
                        if (waits(answer)) setRequested(true)
                        else close()
                        form.onDone?.(answer)
                    }}
                />
            )}
        </Window>
    )
}
