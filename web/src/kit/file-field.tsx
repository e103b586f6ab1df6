/**
 * A field for text that is pasted or read from a file. The browser reads the file and sends it as text. Binary files
 * are accepted only with `anyBytes`.
 */
import { useId, useState } from "react"
import { Button } from "./button.tsx"
import { useDraft } from "./draft-scope.tsx"
import { Notice } from "./notice.tsx"
import { TextInput } from "./form/text-input.tsx"
import { locale, t } from "../messages/message.ts"

interface FileFieldProps {
    label: string
    value: string
    onChange: (value: string) => void
    hint?: string
    optional?: boolean
    anyBytes?: boolean
    wrong?: string | null
}

/** No route accepts more, so a larger file is not read. */
const bytesMax = 10_000_000
/** A longer text is summarised and not editable, because the page would freeze. */
const shownMax = 200_000

/** The value of a binary file is this mark and its bytes in Base64. No accepted text contains the mark. */
export const bytesMark = "\0"

export function FileField({ label, value, onChange, hint, optional = false, wrong = null, ...more }: FileFieldProps) {
    const [notTaken, setNotTaken] = useState<string | null>(null)
    useDraft({ label, value, onChange })
    const take = async (file: File) => {
        const { text, reason } = await valueOf(file, more.anyBytes ?? false)
        setNotTaken(reason)
        onChange(text)
    }
    return (
        <div className="field">
            {value.length > shownMax || value.startsWith(bytesMark) ? (
                <Large label={label} id={value} onRemove={() => onChange("")} />
            ) : (
                <TextInput
                    label={label}
                    value={value}
                    onChange={onChange}
                    optional={optional}
                    lines={10}
                    className="mono"
                    hint={hint}
                    wrong={wrong}
                />
            )}
            <Chooser onFile={(file) => void take(file)} />
            {notTaken !== null && <Notice tone="bad">{notTaken}</Notice>}
        </div>
    )
}

function Chooser({ onFile }: { onFile: (file: File) => void }) {
    const id = useId()
    return (
        <>
            <label htmlFor={id} className="hint">
                {t("or read it from a file")}
            </label>
            <input
                id={id}
                type="file"
                onChange={(event) => {
                    const file = event.target.files?.[0]
                    if (file) onFile(file)
                }}
            />
        </>
    )
}

function Large({ label, id: subject, onRemove }: { label: string; id: string; onRemove: () => void }) {
    const input = subject.startsWith(bytesMark)
        ? t("A file of about {size, number} bytes, sent as it is.", { size: Math.floor((subject.length * 3) / 4) })
        : t("{length, number} characters, too many to be shown here.", { length: subject.length })
    return (
        <fieldset className="field">
            <legend>{label}</legend>
            <Notice>
                <span>{input}</span>
                <Button onPress={onRemove}>{t("Remove it")}</Button>
            </Notice>
        </fieldset>
    )
}

interface Taken {
    readonly text: string
    /** Why the file was refused; null: it was accepted. */
    readonly reason: string | null
}

async function valueOf(file: File, anyBytes: boolean): Promise<Taken> {
    const none = (reason: string): Taken => ({ text: "", reason })
    if (file.size === 0) return none(t("{name} is empty.", { name: file.name }))
    if (file.size > bytesMax) {
        return none(
            t("{name} has {size}, and the limit is {limit}: choose a smaller file.", {
                name: file.name,
                size: megabytes(file.size),
                limit: megabytes(bytesMax),
            }),
        )
    }
    const text = decoded(await file.arrayBuffer()) ?? (anyBytes ? await inBase64(file) : null)
    if (text === null) return none(t("{name} is not UTF-8 text: choose a text file.", { name: file.name }))
    return { text, reason: null }
}

/** `1.2 MB`, in the reader's language. */
export const megabytes = (bytes: number): string =>
    t("{size} MB", {
        size: (bytes / 1_000_000).toLocaleString(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    })

function inBase64(file: File): Promise<string> {
    return new Promise((resolve, fail) => {
        const reader = new FileReader()
        reader.addEventListener("load", () => {
            const address = typeof reader.result === "string" ? reader.result : ""
            resolve(bytesMark + address.slice(address.indexOf(",") + 1))
        })
        reader.addEventListener("error", () => fail(new Error(t("{name} cannot be read", { name: file.name }))))
        reader.readAsDataURL(file)
    })
}

/** Decodes UTF-8 without replacement characters; null: it is not UTF-8. */
function decoded(bytes: ArrayBuffer): string | null {
    try {
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
        return text.includes("\0") ? null : text
    } catch {
        return null
    }
}
