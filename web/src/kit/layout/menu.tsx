/** A menu behind a button: rare actions, and the viewer's own. A forbidden action stays in it and says why. */
import type { ReactNode } from "react"
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components"

export interface Action {
    readonly id: string
    readonly name: string
    readonly onAction?: () => void
    /** An address to go to instead of an action. */
    readonly href?: string
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
    const disabledKeys = actions.filter(({ disabledReason }) => Boolean(disabledReason)).map(({ id }) => id)
    return (
        <MenuTrigger>
            <Button aria-label={label} className={className}>
                {children}
            </Button>
            <Popover>
                <Menu className="menu" aria-label={label} disabledKeys={disabledKeys}>
                    {actions.map(({ id, name, onAction, href, isDangerous = false, disabledReason }) => (
                        <MenuItem
                            key={id}
                            id={id}
                            textValue={name}
                            className={isDangerous ? "menu-item danger" : "menu-item"}
                            {...(onAction !== undefined && { onAction })}
                            {...(href !== undefined && { href })}
                        >
                            {name}
                            {disabledReason && <small>{disabledReason}</small>}
                        </MenuItem>
                    ))}
                </Menu>
            </Popover>
        </MenuTrigger>
    )
}
