/** A menu behind a button: rare actions, and the viewer's own. A forbidden action stays in it and says why. */
import { type ReactNode, Suspense, lazy, useRef, useState } from "react"
import { Window } from "../dialog.tsx"
import type { Action } from "./menu-list.tsx"

interface ActionMenuProps {
    label: string
    className?: string
    children: ReactNode
    actions: readonly Action[]
}

const MenuList = lazy(async () => ({ default: (await import("./menu-list.tsx")).MenuList }))

export function ActionMenu({ label, className = "icon-button", children, actions }: ActionMenuProps) {
    const [isOpen, setOpen] = useState(false)
    const [openId, setOpenId] = useState<string | null>(null)
    const trigger = useRef<HTMLButtonElement>(null)
    const dialog = actions.find(({ id }) => id === openId)?.dialog
    const close = () => setOpenId(null)
    const choose = ({ id, dialog: opened, onAction }: Action) => {
        if (opened !== undefined) setOpenId(id)
        onAction?.()
    }
    return (
        <>
            <button
                type="button"
                ref={trigger}
                aria-label={label}
                aria-haspopup="menu"
                aria-expanded={isOpen}
                className={className}
                onClick={() => setOpen(true)}
            >
                {children}
            </button>
            {isOpen && (
                <Suspense fallback={null}>
                    <MenuList
                        label={label}
                        actions={actions}
                        trigger={trigger}
                        onChoose={choose}
                        onClose={() => setOpen(false)}
                    />
                </Suspense>
            )}
            {dialog !== undefined && (
                <Window title={dialog.title} open wide={dialog.wide ?? false} onClose={close}>
                    {dialog.content(close)}
                </Window>
            )}
        </>
    )
}
