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
    const current = currentOf(tabs, here)
    return (
        <nav className="tabs" aria-label={label}>
            {tabs.map(({ to, name, count = 0, isUrgent = false }) => (
                <Link
                    key={to}
                    to={to}
                    activeProps={{}}
                    className={current === to ? "on" : ""}
                    {...(current === to && { "aria-current": here === to ? ("page" as const) : ("true" as const) })}
                >
                    {name}
                    {count > 0 && <span className={isUrgent ? "count" : "n"}>{count}</span>}
                </Link>
            ))}
        </nav>
    )
}

/** Returns the address of the tab that the page belongs to: its own, or the longest that it starts with. */
function currentOf(tabs: readonly Tab[], here: string): string | undefined {
    return tabs
        .map(({ to }) => to)
        .filter((to) => here === to || here.startsWith(`${to}/`))
        .toSorted((a, b) => b.length - a.length)[0]
}
