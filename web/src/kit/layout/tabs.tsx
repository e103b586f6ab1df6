/** Tabs of a page. Each has an address of its own, so that it can be linked and the back button works. */
import { Link, useLocation } from "@tanstack/react-router"
import { useEffect, useRef } from "react"

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
    const strip = useRef<HTMLElement>(null)
    useEffect(() => showCurrent(strip.current), [current, tabs.length])
    return (
        <nav className="tabs" aria-label={label} ref={strip}>
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

/** Scrolls a strip that is wider than its place to the current tab. */
function showCurrent(strip: HTMLElement | null): void {
    const tab = strip?.querySelector(".on")
    if (!strip || !tab) return
    const [outer, inner] = [strip.getBoundingClientRect(), tab.getBoundingClientRect()]
    strip.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2
}

/** Returns the address of the tab that the page belongs to: its own, or the longest that it starts with. */
function currentOf(tabs: readonly Tab[], here: string): string | undefined {
    return tabs
        .map(({ to }) => to)
        .filter((to) => here === to || here.startsWith(`${to}/`))
        .toSorted((a, b) => b.length - a.length)[0]
}
