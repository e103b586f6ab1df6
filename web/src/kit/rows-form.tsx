/** A form of one or several lists of rows, with one request built from them. */
import { type ReactNode, type SyntheticEvent, useState } from "react"
import { type Write, useWrite } from "./api.ts"
import { Button, type Look } from "./button.tsx"
import { Opens } from "./dialog.tsx"
import { Failed } from "./notice.tsx"
import { type Row, type RowField, type RowNoun, Rows, written } from "./rows.tsx"
import { t } from "../messages/message.ts"

export interface RowsAsked {
    readonly many: string
    readonly singular: RowNoun
    readonly fields: readonly RowField[]
    readonly initial: readonly Row[]
    readonly hint?: string
}

interface RowsFormProps<Answer> {
    requests: readonly RowsAsked[]
    submit: string
    look?: Look
    /** Builds the request from the rows of each list. May throw the message to show. */
    write: (...rows: readonly (readonly Row[])[]) => Write<Answer>
    onDone: (answer: Answer) => void
    children?: ReactNode
}

export function RowsForm<Answer>({ requests, submit, look = "main", write, onDone, children }: RowsFormProps<Answer>) {
    const [rows, setRows] = useState(() => requests.map(({ initial }) => initial))
    const [wrong, setWrong] = useState<Error | null>(null)
    const doing = useWrite(onDone)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        setWrong(null)
        try {
            const made = write(...rows.map(written))
            if (!doing.isPending) doing.mutate(made)
        } catch (error) {
            setWrong(error as Error)
        }
    }
    return (
        <form className="form" onSubmit={send} noValidate>
            {children}
            {requests.map(({ initial: _, ...list }, n) => (
                <Rows
                    key={list.many}
                    {...list}
                    rows={rows[n] ?? []}
                    onChange={(entries) => setRows((before) => before.map((entry, m) => (m === n ? entries : entry)))}
                />
            ))}
            <Failed error={wrong ?? doing.error} />
            <div className="row end">
                <Button type="submit" look={look} busy={doing.isPending}>
                    {submit}
                </Button>
            </div>
        </form>
    )
}

interface RowsDialogProps<Answer> extends Omit<RowsFormProps<Answer>, "onDone"> {
    button: string
    title: string
    disabledReason: string | null
    onDone?: (answer: Answer) => void
}

export function RowsDialog<Answer>({ button, title, disabledReason, onDone, ...form }: RowsDialogProps<Answer>) {
    return (
        <Opens button={button} title={title} wide disabledReason={disabledReason}>
            {(close) => (
                <RowsForm
                    {...form}
                    onDone={(answer) => {
                        close()
                        onDone?.(answer)
                    }}
                />
            )}
        </Opens>
    )
}

/** Reads a whole number from a row. Throws the message to show. */
export function wholeOf(row: Row, name: string, subject: string): number {
    const input = (row[name] ?? "").trim()
    if (!/^\d{1,6}$/.test(input)) throw new Error(t("{subject}: “{input}” is no whole number", { subject, input }))
    return Number(input)
}
