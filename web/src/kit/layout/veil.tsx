/** The window of a dialog, over the page. */
import type { ReactNode } from "react"
import { Dialog as Inside, Heading, Modal, ModalOverlay } from "react-aria-components"
import { Button } from "../button.tsx"
import { InScope, type Scope } from "../draft-scope.tsx"
import { BodyFrame } from "../scroll.tsx"
import { t } from "../../messages/message.ts"

export interface Leaving {
    readonly scope: Scope
    /** Asks before text is lost. */
    readonly leave: () => void
    /** The text was sent or discarded. */
    readonly finish: () => void
    readonly stay: () => void
    readonly isAsked: boolean
}

interface VeilProps {
    title: string
    wide: boolean
    leaving: Leaving
    /** Buttons that stay in place while the content above them loads and scrolls. */
    foot?: ReactNode
    children: ReactNode
}

export function Veil({ title, wide, leaving, foot, children }: VeilProps) {
    const { scope, leave, finish, stay, isAsked } = leaving
    return (
        <ModalOverlay
            className="veil"
            isDismissable
            shouldCloseOnInteractOutside={() => !scope.isDirty()}
            isOpen
            onOpenChange={(is) => !is && leave()}
        >
            <Modal className={wide ? "window wide" : "window"}>
                <Inside className={foot === undefined ? "window-inside" : "window-inside footed"}>
                    <div className="window-head">
                        <Heading slot="title">{title}</Heading>
                        <Button look="quiet" label={t("Close")} onPress={leave}>
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
            <span>{t("Discard your text? You cannot undo this.")}</span>{" "}
            <span className="row">
                <Button onPress={onStay}>{t("Keep writing")}</Button>
                <Button look="danger" onPress={onDiscard}>
                    {t("Discard the text")}
                </Button>
            </span>
        </div>
    )
}
