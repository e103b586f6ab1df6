/** Buttons. One that may not be pressed says why, instead of vanishing. */
import type { ReactNode } from "react"
import { Button as Pressable } from "react-aria-components"
import { type Write, useWrite } from "./api.ts"
import { Failed, WaitsForSecond, waits } from "./notice.tsx"

export type Look = "plain" | "main" | "danger" | "quiet"

interface ButtonProps {
    children: ReactNode
    look?: Look
    type?: "button" | "submit"
    label?: string
    /** It works already: it stays where it is and keeps the focus, and does nothing more. */
    busy?: boolean
    /** Why it cannot be pressed now; null where it can. */
    not?: string | null
    onPress?: () => void
}

export function Button({ children, look = "plain", type = "button", label, busy = false, not, onPress }: ButtonProps) {
    const off = not !== null && not !== undefined
    const button = (
        <Pressable
            {...(label !== undefined && { "aria-label": label })}
            {...(onPress !== undefined && { onPress: () => !busy && onPress() })}
            className={`button ${look}${busy ? " busy" : ""}`}
            type={type}
            isDisabled={off}
        >
            {children}
        </Pressable>
    )
    if (!off) return button
    return (
        <span className="with-reason" title={not}>
            {button}
            <span className="reason">{not}</span>
        </span>
    )
}

interface DoProps {
    children: ReactNode
    write: Write
    look?: Look
    not?: string | null
    onDone?: (answer: unknown) => void
}

/** A button that does one thing at once, and shows what the server said if it refused, or if a second person must sign. */
export function Do({ children, write, look = "plain", not = null, onDone }: DoProps) {
    const doing = useWrite(onDone)
    return (
        <span className="do">
            {waits(doing.data) && <WaitsForSecond />}
            <Button look={look} not={not} busy={doing.isPending} onPress={() => doing.mutate(write)}>
                {children}
            </Button>
            <Failed error={doing.error} />
        </span>
    )
}
