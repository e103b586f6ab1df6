/**
 * Dialogs: they hold the focus, close with Escape, and return the focus. A dialog with entered text asks before it
 * closes, and does not close by a click outside.
 */
import { type ReactNode, useRef, useState } from "react"
import { Dialog as Inside, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components"
import { Button, type Look } from "./button.tsx"
import { BodyFrame } from "./scroll.tsx"
import { InScope, type Scope, useNewScope } from "./draft-scope.tsx"

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
    return (
        <Veil title={title} wide={wide} leaving={leaving} isOpen={open}>
            {children}
        </Veil>
    )
}

interface Leaving {
    readonly scope: Scope
    /** Asks before text is lost. */
    readonly leave: () => void
    /** The text was sent or discarded. */
    readonly finish: () => void
    readonly stay: () => void
    readonly isAsked: boolean
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

interface VeilProps {
    title: string
    wide: boolean
    leaving: Leaving
    /** Without it, a trigger around the dialog decides. */
    isOpen?: boolean
    /** Buttons that stay in place while the content above them loads and scrolls. */
    foot?: ReactNode
    children: ReactNode
}

function Veil({ title, wide, leaving, isOpen, foot, children }: VeilProps) {
    const { scope, leave, finish, stay, isAsked } = leaving
    const controlled = isOpen === undefined ? {} : { isOpen, onOpenChange: (is: boolean) => !is && leave() }
    return (
        <ModalOverlay
            className="veil"
            isDismissable
            shouldCloseOnInteractOutside={() => !scope.isDirty()}
            {...controlled}
        >
            <Modal className={wide ? "window wide" : "window"}>
                <Inside className={foot === undefined ? "window-inside" : "window-inside footed"}>
                    <div className="window-head">
                        <Heading slot="title">{title}</Heading>
                        <Button look="quiet" label="Close" onPress={leave}>
                            ✕
                        </Button>
                    </div>
                    {isAsked && <Discard onDiscard={finish} onStay={stay} />}
                    <InScope scope={scope}>
                        {foot === undefined ? children : <BodyFrame label={title}>{children}</BodyFrame>}
                    </InScope>
                    {foot !== undefined && <div className="window-foot row end">{foot}</div>}
                </Inside>
            </Modal>
        </ModalOverlay>
    )
}

function Discard({ onDiscard, onStay }: { onDiscard: () => void; onStay: () => void }) {
    return (
        <div className="notice due" role="alert" ref={(shown) => shown?.scrollIntoView({ block: "nearest" })}>
            <span>Discard your text? You cannot undo this.</span>{" "}
            <span className="row">
                <Button onPress={onStay}>Keep writing</Button>
                <Button look="danger" onPress={onDiscard}>
                    Discard the text
                </Button>
            </span>
        </div>
    )
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
    const leaving = useLeaving(title, () => setOpen(false))
    if (disabledReason !== null && !isOpen) {
        return (
            <Button look={look} disabledReason={disabledReason}>
                {button}
            </Button>
        )
    }
    return (
        <DialogTrigger isOpen={isOpen} onOpenChange={(is) => (is ? setOpen(true) : leaving.leave())}>
            <Button look={look}>{button}</Button>
            <Veil title={title} wide={wide} leaving={leaving} foot={foot?.(leaving.finish)}>
                {children(leaving.finish)}
            </Veil>
        </DialogTrigger>
    )
}
