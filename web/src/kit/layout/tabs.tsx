/** Tabs of a page. Each has an address of its own, so that it can be linked and the back button works. */
import { Link, useLocation } from "@tanstack/react-router"

export interface Tab {
    readonly to: string
    readonly name: string
    readonly count?: number
    /** The count asks for an action. */
    readonly isUrgent?: boolean
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
    const here = useLocation().pathname
    return (
        <nav className="tabs" aria-label={label}>
            {tabs.map(({ to, name, count = 0, isUrgent = false }) => (
                <Link
                    key={to}
                    to={to}
                    activeProps={{}}
                    className={here === to ? "on" : ""}
                    {...(here === to && { "aria-current": "page" as const })}
                >
                    {name}
                    {count > 0 && <span className={isUrgent ? "count" : "n"}>{count}</span>}
                </Link>
            ))}
        </nav>
    )
}
