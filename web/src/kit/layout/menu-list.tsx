/** The open menu. Loaded when the first menu opens. */
import type { ReactNode, RefObject } from "react"
import { Menu, MenuItem, Popover } from "react-aria-components"

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
    readonly dialog?: ActionDialog
    readonly isDangerous?: boolean
    /** Why it cannot be done; null: it can. */
    readonly disabledReason?: string | null
}

interface MenuListProps {
    label: string
    actions: readonly Action[]
    trigger: RefObject<HTMLButtonElement | null>
    onChoose: (action: Action) => void
    onClose: () => void
}

export function MenuList({ label, actions, trigger, onChoose, onClose }: MenuListProps) {
    const disabledKeys = actions.filter(({ disabledReason }) => Boolean(disabledReason)).map(({ id }) => id)
    return (
        <Popover triggerRef={trigger} isOpen onOpenChange={(is) => !is && onClose()} placement="bottom end">
            {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- a menu takes the focus when it opens */}
            <Menu className="menu" aria-label={label} disabledKeys={disabledKeys} autoFocus="first" onClose={onClose}>
                {actions.map((action) => (
                    <MenuItem
                        key={action.id}
                        id={action.id}
                        textValue={action.name}
                        className={action.isDangerous ? "menu-item danger" : "menu-item"}
                        onAction={() => onChoose(action)}
                    >
                        {action.name}
                        {action.disabledReason && <small>{action.disabledReason}</small>}
                    </MenuItem>
                ))}
            </Menu>
        </Popover>
    )
}
