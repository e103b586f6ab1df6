/**
 * Search and commands, by Ctrl K or ⌘K. It searches only what the viewer's screens have read already, so a hidden
 * object gives neither a hit nor a delay. The window with its entries is loaded when it is first opened.
 */
import { type ReactNode, Suspense, useEffect, useState } from "react"
import { Icon } from "../layout/icon.tsx"
import { t } from "../../messages/message.ts"

/** `children` is the open window. It calls `close` when the viewer has chosen or left. */
export function Palette({ children }: { children: (close: () => void) => ReactNode }) {
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
            {isOpen && <Suspense fallback={null}>{children(() => setOpen(false))}</Suspense>}
        </>
    )
}
