/** One question of a form, of any kind, with its label and hint. */
import { use, useId, useState } from "react"
import { Button } from "./button.tsx"
import { useDraft } from "./draft-scope.tsx"
import { FileField } from "./file-field.tsx"
import { bothOf, exactWordsOf } from "./instant.tsx"
import { instantIn } from "./typed-instant/instant-input.ts"
import { ProgramNow } from "./typed-instant/program-now.ts"
import { TextInput } from "./form/text-input.tsx"
import { langOf, t, valueText } from "../messages/message.ts"

export interface Choice<Value extends string = string> {
    readonly value: Value
    readonly name: string
}

/** The options of values of a closed list. */
export const choicesOf = <Value extends string>(values: readonly Value[]): readonly Choice<Value>[] =>
    values.map((value) => ({ value, name: valueText(value) }))

export interface Length {
    readonly min: number
    readonly max: number
}

interface FieldProps {
    label: string
    kind: "line" | "text" | "instant" | "choice" | "choices" | "check" | "file" | "number"
    value: string
    onChange: (value: string) => void
    hint?: string
    optional?: boolean
    /** A file field: accepts binary files. */
    anyBytes?: boolean
    from?: readonly Choice[]
    /** The maximum length, with a counter while typing. */
    length?: Length
    /** Masks the text, against onlookers. */
    hidden?: boolean
    /** The error, shown at the field. */
    wrong?: string | null
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
        case "instant":
            return <InstantField {...field} />
        case "line":
            return <OfferedField {...field} />
        case "text":
        case "number":
            return <LineField {...field} />
    }
}

function LineField({ label, kind, value, onChange, optional = false, wrong = null, ...more }: FieldProps) {
    useDraft({ label, value, onChange, isSecret: more.hidden ?? false })
    const counter = more.length === undefined ? "" : counted(value, more.length)
    const hint = counter === "" ? (more.hint ?? "") : `${ended(more.hint ?? "")} ${counter}`.trim()
    return (
        <TextInput
            label={label}
            value={value}
            onChange={onChange}
            optional={optional}
            wrong={wrong}
            inputMode={kind === "number" ? "numeric" : "text"}
            placeholder={kind === "instant" ? t("12 Aug 10:00") : ""}
            {...(kind === "text" && { lines: 5 })}
            {...(more.hidden && { className: "secret" })}
            {...(hint !== "" && { hint })}
        />
    )
}

/** A hint before another sentence. */
const ended = (hint: string): string => (/\w$/.test(hint) ? `${hint}.` : hint)

function counted(value: string, { min, max }: Length): string {
    const length = lengthOf(value)
    if (min > 1)
        return length === 0
            ? t("{min} to {max} characters.", { min, max })
            : t("{length} of {min} to {max} characters.", { length, min, max })
    return length === 0
        ? t("{max} characters at most.", { max })
        : t("{length} of {max} characters at most.", { length, max })
}

/** Counts characters as the server does. */
export function lengthOf(text: string): number {
    return [...text.trim()].length
}

/** A text field with suggestions: any text is allowed, and one press takes a suggestion from `from`. */
function OfferedField({ from = [], ...field }: FieldProps) {
    if (from.length === 0) return <LineField {...field} />
    return (
        <fieldset className="field" aria-label={t("{label}: written, or chosen", { label: field.label })}>
            <LineField {...field} />
            <span className="row offered">
                {from.map(({ value, name }) => (
                    <Button key={value} onPress={() => field.onChange(value)}>
                        {name}
                    </Button>
                ))}
            </span>
        </fieldset>
    )
}

/**
 * Takes an instant as people write it, gives the form a full instant, and repeats it in UTC and the own zone. A value
 * of the form or a suggestion is shown in words.
 */
function InstantField(field: FieldProps) {
    const now = use(ProgramNow)
    const [typed, setTyped] = useState({ text: worded(field.value), sent: field.value })
    const onChange = (text: string) => {
        const sent = instantIn(text, now) ?? text
        const isOffered = (field.from ?? []).some(({ value }) => value === text)
        setTyped({ text: isOffered ? worded(text) : text, sent })
        field.onChange(sent)
    }
    // A suggestion or a draft sets the value from outside.
    const shown = typed.sent === field.value ? typed.text : worded(field.value)
    const understood = instantIn(field.value, now)
    const hint =
        understood === null
            ? (field.hint ?? (now === null ? t("like 12 Aug 2025 10:00, in UTC") : t("like 12 Aug 10:00, in UTC")))
            : bothOf(understood)
    return <OfferedField {...field} value={shown} onChange={onChange} hint={hint} />
}

function worded(value: string): string {
    const instant = instantIn(value, null)
    return instant === null ? value : exactWordsOf(instant)
}

function ChoiceField({ label, value, onChange, hint, optional = false, wrong = null, from = [] }: FieldProps) {
    const id = useId()
    return (
        <div className="field">
            <label htmlFor={id}>
                {label} {optional && <span className="muted">{t("(optional)")}</span>}
            </label>
            <select
                id={id}
                value={value}
                onChange={(event) => onChange(event.target.value)}
                aria-describedby={`${id}-hint`}
                {...(wrong !== null && { "aria-invalid": true })}
            >
                {optional && <option value="">{t("none")}</option>}
                {from.map((choice) => (
                    <option key={choice.value} value={choice.value}>
                        {choice.name}
                    </option>
                ))}
            </select>
            <span id={`${id}-hint`} className={wrong === null ? "hint" : "wrong"} lang={langOf(wrong ?? "")}>
                {wrong ?? hint}
            </span>
        </div>
    )
}

function ChoicesField({ label, value, onChange, hint, wrong = null, from = [] }: FieldProps) {
    const id = useId()
    const chosen = value.split("\n").filter((item) => item !== "")
    const turn = (item: string, is: boolean) =>
        onChange([...chosen.filter((other) => other !== item), ...(is ? [item] : [])].join("\n"))
    return (
        <fieldset className="field" {...(wrong !== null && { "aria-describedby": id })}>
            <legend>{label}</legend>
            <div className="checks">
                {from.map((choice) => (
                    <Check
                        key={choice.value}
                        name={choice.name}
                        on={chosen.includes(choice.value)}
                        wrong={wrong !== null}
                        onTurn={(is) => turn(choice.value, is)}
                    />
                ))}
            </div>
            {hint !== undefined && <span className="hint">{hint}</span>}
            {wrong !== null && (
                <span id={id} className="wrong" lang={langOf(wrong)}>
                    {wrong}
                </span>
            )}
        </fieldset>
    )
}

interface CheckProps {
    name: string
    on: boolean
    wrong?: boolean
    onTurn: (is: boolean) => void
}

function Check({ name, on, wrong = false, onTurn }: CheckProps) {
    return (
        <label className="check">
            <input
                type="checkbox"
                checked={on}
                {...(wrong && { "aria-invalid": true })}
                onChange={(event) => onTurn(event.target.checked)}
            />
            {name}
        </label>
    )
}
