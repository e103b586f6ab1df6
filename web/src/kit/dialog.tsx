/**
 * Dialogs: they hold the focus, close with Escape, and return the focus. A dialog with entered text asks before it
 * closes, and does not close by a click outside.
 */
import { type ReactNode, Suspense, lazy, useEffect, useRef, useState } from "react"
import { Button, type Look } from "./button.tsx"
import { useNewScope } from "./draft-scope.tsx"
import type { Leaving } from "./layout/veil.tsx"

/** Loaded when the first dialog opens. */
const Veil = lazy(async () => ({ default: (await import("./layout/veil.tsx")).Veil }))

interface WindowProps {
    title: string
    open: boolean
    onClose: () => void
    wide?: boolean
    children: ReactNode
}

/** A dialog that a screen opens by its own state. */
export function Window({ title, open, onClose, wide = false, children }: WindowProps) {
    const leaving = useLeaving(title, onClose)
    if (!open) return null
    return (
        <Suspense fallback={null}>
            <Veil title={title} wide={wide} leaving={leaving}>
                {children}
            </Veil>
        </Suspense>
    )
}

function useLeaving(title: string, onClose: () => void): Leaving {
    const scope = useNewScope(title)
    const [isAsked, setAsked] = useState(false)
    const before = useRef<Element | null>(null)
    const finish = () => {
        scope.clear()
        setAsked(false)
        onClose()
    }
    const ask = () => {
        if (!isAsked) before.current = document.activeElement
        setAsked(true)
    }
    const stay = () => {
        setAsked(false)
        if (before.current instanceof HTMLElement) before.current.focus()
    }
    return { scope, leave: () => (scope.isDirty() ? ask() : finish()), finish, stay, isAsked }
}

interface OpensProps {
    button: ReactNode
    title: string
    look?: Look
    disabledReason?: string | null
    wide?: boolean
    /** Gives the dialog its full height, with these buttons at its foot: for contents that load. */
    foot?: (close: () => void) => ReactNode
    children: (close: () => void) => ReactNode
}

/** A button with the dialog that it opens. */
export function Opens({
    button,
    title,
    look = "plain",
    disabledReason = null,
    wide = false,
    foot,
    children,
}: OpensProps) {
    const [isOpen, setOpen] = useState(false)
    const opener = useRef<Element | null>(null)
    const leaving = useLeaving(title, () => setOpen(false))
    useEffect(() => {
        if (!isOpen) returnFocus(opener.current)
    }, [isOpen])
    const open = () => {
        opener.current = document.activeElement
        setOpen(true)
    }
    if (disabledReason !== null && !isOpen) {
        return (
            <Button look={look} disabledReason={disabledReason}>
                {button}
            </Button>
        )
    }
    return (
        <>
            <Button look={look} onPress={open}>
                {button}
            </Button>
            {isOpen && (
                <Suspense fallback={null}>
                    <Veil title={title} wide={wide} leaving={leaving} foot={foot?.(leaving.finish)}>
                        {children(leaving.finish)}
                    </Veil>
                </Suspense>
            )}
        </>
    )
}

/** Returns the focus to where the dialog was opened, if it went nowhere else. */
function returnFocus(to: Element | null): void {
    const isLost = document.activeElement === null || document.activeElement === document.body
    if (isLost && to instanceof HTMLElement && to.isConnected) to.focus()
}
