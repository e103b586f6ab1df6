/** One question of a form, of whichever kind, with its label and hint. */
import { useId, useState } from "react"
import { Input, Label, Text, TextArea, TextField } from "react-aria-components"
import { wordsOf } from "./instant.tsx"
import { Notice } from "./notice.tsx"

export interface Choice {
    readonly value: string
    readonly name: string
}

interface FieldProps {
    label: string
    kind: "line" | "text" | "instant" | "choice" | "choices" | "check" | "file" | "number"
    value: string
    onChange: (value: string) => void
    hint?: string
    optional?: boolean
    from?: readonly Choice[]
}

export function Field(field: FieldProps) {
    switch (field.kind) {
        case "choice":
            return <ChoiceField {...field} />
        case "choices":
            return <ChoicesField {...field} />
        case "check":
            return (
                <Check name={field.label} on={field.value === "yes"} onTurn={(is) => field.onChange(is ? "yes" : "")} />
            )
        case "file":
            return <FileField {...field} />
        case "line":
        case "text":
        case "instant":
        case "number":
            return <LineField {...field} />
    }
}

function LineField({ label, kind, value, onChange, hint, optional = false }: FieldProps) {
    const shown = hint ?? (kind === "instant" ? readBack(value) : undefined)
    return (
        <TextField className="field" value={value} onChange={onChange}>
            <Label>
                {label} {optional && <span className="muted">(optional)</span>}
            </Label>
            {kind === "text" ? (
                <TextArea rows={5} spellCheck={false} />
            ) : (
                <Input
                    inputMode={kind === "number" ? "numeric" : "text"}
                    placeholder={kind === "instant" ? "2025-07-08T17:00:00Z" : ""}
                    spellCheck={false}
                    autoComplete="off"
                />
            )}
            {shown !== undefined && (
                <Text slot="description" className="hint">
                    {shown}
                </Text>
            )}
        </TextField>
    )
}

/** What was typed, as it was understood. */
function readBack(value: string): string {
    try {
        return wordsOf(value)
    } catch {
        return "a time with its offset, like 2025-07-08T17:00:00Z"
    }
}

function ChoiceField({ label, value, onChange, hint, optional = false, from = [] }: FieldProps) {
    const id = useId()
    return (
        <div className="field">
            <label htmlFor={id}>
                {label} {optional && <span className="muted">(optional)</span>}
            </label>
            <select
                id={id}
                value={value}
                onChange={(event) => onChange(event.target.value)}
                aria-describedby={`${id}-hint`}
            >
                {optional && <option value="">none</option>}
                {from.map((one) => (
                    <option key={one.value} value={one.value}>
                        {one.name}
                    </option>
                ))}
            </select>
            <span id={`${id}-hint`} className="hint">
                {hint}
            </span>
        </div>
    )
}

function ChoicesField({ label, value, onChange, hint, from = [] }: FieldProps) {
    const chosen = value.split("\n").filter((one) => one !== "")
    const turn = (one: string, is: boolean) =>
        onChange([...chosen.filter((other) => other !== one), ...(is ? [one] : [])].join("\n"))
    return (
        <fieldset className="field">
            <legend>{label}</legend>
            <div className="checks">
                {from.map((one) => (
                    <Check
                        key={one.value}
                        name={one.name}
                        on={chosen.includes(one.value)}
                        onTurn={(is) => turn(one.value, is)}
                    />
                ))}
            </div>
            {hint !== undefined && <span className="hint">{hint}</span>}
        </fieldset>
    )
}

function Check({ name, on, onTurn }: { name: string; on: boolean; onTurn: (is: boolean) => void }) {
    return (
        <label className="check">
            <input type="checkbox" checked={on} onChange={(event) => onTurn(event.target.checked)} />
            {name}
        </label>
    )
}

/** Null where it is not UTF-8: nothing is replaced on the way. */
async function textOf(file: File): Promise<string | null> {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer())
    } catch {
        return null
    }
}

/** A text that is pasted or read from a file; the file is read here, and sent as text. */
function FileField({ label, value, onChange, hint, optional = false }: FieldProps) {
    const id = useId()
    const [isText, setIsText] = useState(true)
    const take = (text: string | null) => {
        setIsText(text !== null)
        onChange(text ?? "")
    }
    return (
        <div className="field">
            <TextField className="field" value={value} onChange={onChange}>
                <Label>
                    {label} {optional && <span className="muted">(optional)</span>}
                </Label>
                <TextArea rows={10} spellCheck={false} className="mono" />
                {hint !== undefined && (
                    <Text slot="description" className="hint">
                        {hint}
                    </Text>
                )}
            </TextField>
            <label htmlFor={id} className="hint">
                or read it from a file
            </label>
            <input
                id={id}
                type="file"
                onChange={(event) => {
                    const file = event.target.files?.[0]
                    if (file) void textOf(file).then(take)
                }}
            />
            {isText || <Notice tone="bad">This file is not a text in UTF-8.</Notice>}
        </div>
    )
}
