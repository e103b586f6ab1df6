/** Buttons. A disabled button shows its reason instead of disappearing. */
import { useQueryClient } from "@tanstack/react-query"
import { type ReactNode, useState } from "react"
import { type Write, askAgain, useWrite } from "./api.ts"
import { Failed, WaitsForSecond, waits } from "./notice.tsx"
import { saveAs } from "./save-file.ts"
import { t } from "../messages/message.ts"

export type Look = "plain" | "main" | "danger" | "quiet"

interface ButtonProps {
    children: ReactNode
    look?: Look
    type?: "button" | "submit"
    label?: string
    /** The action is running: the button keeps its place and the focus, and ignores presses. */
    busy?: boolean
    /** Why the button is disabled; null: it is enabled. */
    disabledReason?: string | null
    onPress?: () => void
}

export function Button({
    children,
    look = "plain",
    type = "button",
    label,
    busy = false,
    disabledReason,
    onPress,
}: ButtonProps) {
    const off = disabledReason !== null && disabledReason !== undefined
    const button = (
        <button
            {...(label !== undefined && { "aria-label": label })}
            {...(onPress !== undefined && { onClick: () => !busy && onPress() })}
            className={`button ${look}${busy ? " busy" : ""}`}
            type={type}
            disabled={off}
        >
            {children}
        </button>
    )
    if (!off) return button
    return (
        <span className="with-reason" title={disabledReason}>
            {button}
            <span className="reason">{disabledReason}</span>
        </span>
    )
}

interface DoProps<Answer> {
    children: ReactNode
    write: Write<Answer>
    look?: Look
    disabledReason?: string | null
    onDone?: (answer: Answer) => void
}

/** A button for one immediate action. It shows a refusal, or that a second signature is needed. */
export function Do<Answer>({ children, write, look = "plain", disabledReason = null, onDone }: DoProps<Answer>) {
    const doing = useWrite(onDone)
    return (
        <span className="do">
            {waits(doing.data) && <WaitsForSecond />}
            <Button
                look={look}
                disabledReason={disabledReason}
                busy={doing.isPending}
                onPress={() => doing.mutate(write)}
            >
                {children}
            </Button>
            <Failed error={doing.error} />
        </span>
    )
}

interface SaveProps {
    children: ReactNode
    name: string
    content: () => Promise<BlobPart>
    disabledReason?: string | null
    onSaved?: () => void
}

/** A button that fetches content and saves it as a file. It shows a refusal. */
export function SaveButton({ children, name, content, disabledReason = null, onSaved }: SaveProps) {
    const [wrong, setWrong] = useState<Error | null>(null)
    const [busy, setBusy] = useState(false)
    const queries = useQueryClient()
    const save = async () => {
        setBusy(true)
        setWrong(null)
        try {
            saveAs(name, await content())
            onSaved?.()
            await askAgain(queries)
        } catch (error) {
            setWrong(error as Error)
        }
        setBusy(false)
    }
    return (
        <span className="do">
            <Button disabledReason={disabledReason} busy={busy} onPress={() => void save()}>
                {children}
            </Button>
            <Failed error={wrong} />
        </span>
    )
}

/** A button that copies a text and confirms it. */
export function CopyButton({ children, text }: { children: ReactNode; text: string }) {
    const [copied, setCopied] = useState<string | null>(null)
    const copy = async () => {
        await navigator.clipboard.writeText(text)
        setCopied(text)
    }
    return <Button onPress={() => void copy()}>{copied === text ? t("Copied") : children}</Button>
}
