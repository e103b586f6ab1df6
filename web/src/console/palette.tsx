/**
 * Search and commands, by Ctrl K or ⌘K. It searches only what the viewer's screens have read already, so a hidden
 * object gives neither a hit nor a delay.
 */
import { Suspense, lazy, useEffect, useState } from "react"
import type { NavItem } from "../kit/layout/frame.tsx"
import { Icon } from "../kit/layout/icon.tsx"
import { t } from "../messages/message.ts"

const PaletteWindow = lazy(async () => ({ default: (await import("./palette-window.tsx")).PaletteWindow }))

export function Palette({ items }: { items: readonly NavItem[] }) {
    const [isOpen, setOpen] = useState(false)
    useEffect(() => {
        const open = (event: KeyboardEvent) => {
            if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey)) return
            event.preventDefault()
            setOpen(true)
        }
        window.addEventListener("keydown", open)
        return () => window.removeEventListener("keydown", open)
    }, [])
    return (
        <>
            <button type="button" className="find" onClick={() => setOpen(true)}>
                <Icon name="search" />
                <span className="find-text">{t("Search or run a command")}</span>
                <kbd>{t("Ctrl K")}</kbd>
            </button>
            {isOpen && (
                <Suspense fallback={null}>
                    <PaletteWindow items={items} onDone={() => setOpen(false)} />
                </Suspense>
            )}
        </>
    )
}
