/** A menu behind a button: rare actions, and the viewer's own. A forbidden action stays in it and says why. */
import { type ReactNode, useState } from "react"
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components"
import { Window } from "../dialog.tsx"

/** A dialog that a menu's action opens. */
export interface ActionDialog {
    readonly title: string
    readonly wide?: boolean
    readonly content: (close: () => void) => ReactNode
}

export interface Action {
    readonly id: string
    readonly name: string
    readonly onAction?: () => void
    /** An address to go to instead of an action. */
    readonly href?: string
    readonly dialog?: ActionDialog
    readonly isDangerous?: boolean
    /** Why it cannot be done; null: it can. */
    readonly disabledReason?: string | null
}

interface ActionMenuProps {
    label: string
    className?: string
    children: ReactNode
    actions: readonly Action[]
}

export function ActionMenu({ label, className = "icon-button", children, actions }: ActionMenuProps) {
    const [openId, setOpenId] = useState<string | null>(null)
    const disabledKeys = actions.filter(({ disabledReason }) => Boolean(disabledReason)).map(({ id }) => id)
    const dialog = actions.find(({ id }) => id === openId)?.dialog
    const close = () => setOpenId(null)
    return (
        <>
            <MenuTrigger>
                <Button aria-label={label} className={className}>
                    {children}
                </Button>
                <Popover>
                    <Menu className="menu" aria-label={label} disabledKeys={disabledKeys}>
                        {actions.map((action) => (
                            <Item key={action.id} action={action} onOpen={() => setOpenId(action.id)} />
                        ))}
                    </Menu>
                </Popover>
            </MenuTrigger>
            {dialog !== undefined && (
                <Window title={dialog.title} open wide={dialog.wide ?? false} onClose={close}>
                    {dialog.content(close)}
                </Window>
            )}
        </>
    )
}

function Item({ action, onOpen }: { action: Action; onOpen: () => void }) {
    const { id, name, href, dialog, isDangerous = false, disabledReason } = action
    const onAction = dialog === undefined ? action.onAction : onOpen
    return (
        <MenuItem
            id={id}
            textValue={name}
            className={isDangerous ? "menu-item danger" : "menu-item"}
            {...(onAction !== undefined && { onAction })}
            {...(href !== undefined && { href })}
        >
            {name}
            {disabledReason && <small>{disabledReason}</small>}
        </MenuItem>
    )
}
