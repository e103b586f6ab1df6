/** Dialogs: they hold the focus, close with Escape, and give the focus back. */
import type { ReactNode } from "react"
import { Dialog as Inside, DialogTrigger, Heading, Modal, ModalOverlay } from "react-aria-components"
import { Button, type Look } from "./button.tsx"

interface WindowProps {
    title: string
    open: boolean
    onClose: () => void
    wide?: boolean
    children: ReactNode
}

/** A dialog that a screen opens by its own state. */
export function Window({ title, open, onClose, wide = false, children }: WindowProps) {
    return (
        <ModalOverlay className="veil" isDismissable isOpen={open} onOpenChange={(is) => !is && onClose()}>
            <Modal className={wide ? "window wide" : "window"}>
                <Inside className="window-inside">
                    <div className="window-head">
                        <Heading slot="title">{title}</Heading>
                        <Button look="quiet" label="Close" onPress={onClose}>
                            ✕
                        </Button>
                    </div>
                    {children}
                </Inside>
            </Modal>
        </ModalOverlay>
    )
}

interface OpensProps {
    button: ReactNode
    title: string
    look?: Look
    not?: string | null
    wide?: boolean
    children: (close: () => void) => ReactNode
}

/** A button with the dialog that it opens. */
export function Opens({ button, title, look = "plain", not = null, wide = false, children }: OpensProps) {
    if (not !== null) {
        return (
            <Button look={look} not={not}>
                {button}
            </Button>
        )
    }
    return (
        <DialogTrigger>
            <Button look={look}>{button}</Button>
            <ModalOverlay className="veil" isDismissable>
                <Modal className={wide ? "window wide" : "window"}>
                    <Inside className="window-inside">
                        {({ close }) => (
                            <>
                                <div className="window-head">
                                    <Heading slot="title">{title}</Heading>
                                    <Button look="quiet" label="Close" onPress={close}>
                                        ✕
                                    </Button>
                                </div>
                                {children(close)}
                            </>
                        )}
                    </Inside>
                </Modal>
            </ModalOverlay>
        </DialogTrigger>
    )
}
