/** A labelled field for text, of one line or many. Its hint and error are read with it. */
import { useId } from "react"
import { langOf, t } from "../../messages/message.ts"

interface TextInputProps {
    label: string
    value: string
    onChange: (value: string) => void
    optional?: boolean
    /** The number of lines; without it, the field has one. */
    lines?: number
    className?: string
    placeholder?: string
    inputMode?: "numeric" | "text"
    hint?: string | undefined
    /** The error, shown at the field. */
    wrong?: string | null
    autoFocus?: boolean
}

export function TextInput({
    label,
    value,
    onChange,
    optional = false,
    lines,
    hint,
    wrong = null,
    ...more
}: TextInputProps) {
    const id = useId()
    const described = [hint === undefined ? "" : `${id}-hint`, wrong === null ? "" : `${id}-wrong`].join(" ").trim()
    const shared = {
        id,
        value,
        spellCheck: false,
        ...(more.className !== undefined && { className: more.className }),
        ...(described !== "" && { "aria-describedby": described }),
        ...(wrong !== null && { "aria-invalid": true }),
        onChange: ({ target }: { readonly target: { readonly value: string } }) => onChange(target.value),
    }
    return (
        <div className="field">
            <label htmlFor={id}>
                {label} {optional && <span className="muted">{t("(optional)")}</span>}
            </label>
            {lines === undefined ? (
                <input
                    {...shared}
                    autoComplete="off"
                    inputMode={more.inputMode ?? "text"}
                    placeholder={more.placeholder ?? ""}
                    // oxlint-disable-next-line jsx-a11y/no-autofocus -- only where a dialog was opened for this field
                    autoFocus={more.autoFocus ?? false}
                />
            ) : (
                <textarea {...shared} rows={lines} />
            )}
            {hint !== undefined && (
                <span id={`${id}-hint`} className="hint">
                    {hint}
                </span>
            )}
            {wrong !== null && (
                <span id={`${id}-wrong`} className="wrong" lang={langOf(wrong)}>
                    {wrong}
                </span>
            )}
        </div>
    )
}
