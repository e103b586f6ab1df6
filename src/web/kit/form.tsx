/**
 * Forms as data: what is asked, in which order, and one write that is made of the answers.
 *
 * An instant is asked for in UTC and with its offset, as everywhere; what cannot be read is said before it is sent.
 */
import { type SyntheticEvent, type ReactNode, useState } from "react"
import { Form } from "react-aria-components"
import { parseInstant } from "../../lib/instant.ts"
import { Refusal } from "../../lib/refusal.ts"
import { Refused, type Write, useWrite } from "./api.ts"
import { Button, type Look } from "./button.tsx"
import { Opens } from "./dialog.tsx"
import { type Choice, Field } from "./field.tsx"
import { Failed } from "./notice.tsx"

export interface Asked {
    readonly name: string
    readonly label: string
    readonly kind: "line" | "text" | "instant" | "choice" | "choices" | "check" | "file" | "number"
    readonly hint?: string
    readonly initial?: string
    readonly optional?: boolean
    readonly from?: readonly Choice[]
}

export type Answers = Readonly<Record<string, string>>

/** Of `choices`: the values that were ticked. */
export function ticked(answers: Answers, name: string): string[] {
    return (answers[name] ?? "").split("\n").filter((value) => value !== "")
}

interface FormProps {
    asked: readonly Asked[]
    submit: string
    look?: Look
    /** What to write, made of the answers. May throw what is to be shown. */
    write: (answers: Answers) => Write
    onDone?: (answer: unknown) => void
    children?: ReactNode
}

export function AskForm({ asked, submit, look = "main", write, onDone, children }: FormProps) {
    const [answers, setAnswers] = useState<Answers>(() => initially(asked))
    const [wrong, setWrong] = useState<Error | null>(null)
    const doing = useWrite(onDone)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        if (doing.isPending) return
        try {
            mustBeWhole(asked, answers)
            setWrong(null)
            doing.mutate(write(answers))
        } catch (error) {
            setWrong(error instanceof Refusal ? new Refused(400, error.code, error.message) : (error as Error))
        }
    }
    return (
        <Form className="form" onSubmit={send} validationBehavior="aria">
            {children}
            {asked.map((one) => (
                <Field
                    key={one.name}
                    {...one}
                    value={answers[one.name] ?? ""}
                    onChange={(value) => setAnswers((before) => ({ ...before, [one.name]: value }))}
                />
            ))}
            <Failed error={wrong ?? doing.error} />
            <div className="row end">
                <Button type="submit" look={look} busy={doing.isPending}>
                    {submit}
                </Button>
            </div>
        </Form>
    )
}

function initially(asked: readonly Asked[]): Answers {
    return Object.fromEntries(asked.map((one) => [one.name, one.initial ?? firstOf(one)]))
}

function firstOf({ kind, from, optional }: Asked): string {
    return kind === "choice" && !optional ? (from?.[0]?.value ?? "") : ""
}

function mustBeWhole(asked: readonly Asked[], answers: Answers): void {
    for (const { name, label, kind, optional } of asked) {
        const value = answers[name] ?? ""
        const missing = value.trim() === "" && !optional && kind !== "check" && kind !== "choices"
        if (missing) throw new Error(`“${label}” is not filled in`)
        if (kind === "instant" && value !== "") parseInstant(value)
    }
}

interface FormDialogProps extends FormProps {
    button: ReactNode
    title: string
    buttonLook?: Look
    not?: string | null
    wide?: boolean
}

/** A button that opens a form in a dialog, which closes when the server has said yes. */
export function FormDialog({
    button,
    title,
    buttonLook = "plain",
    not = null,
    wide = false,
    ...form
}: FormDialogProps) {
    return (
        <Opens button={button} title={title} look={buttonLook} not={not} wide={wide}>
            {(close) => (
                <AskForm
                    {...form}
                    onDone={(answer) => {
                        close()
                        form.onDone?.(answer)
                    }}
                />
            )}
        </Opens>
    )
}
