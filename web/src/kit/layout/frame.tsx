/** The frame of both apps: navigation at the left, the bar above, the page; on a telephone a bar below. */
import { Link, useLocation } from "@tanstack/react-router"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { Icon, type IconName } from "./icon.tsx"
import { PartTabs, PathPlace } from "./page.tsx"
import type { Tab } from "./tabs.tsx"
import { switchTheme } from "./theme.ts"
import { t } from "../../messages/message.ts"

export interface NavItem {
    readonly to: string
    readonly name: string
    readonly icon: IconName
    readonly count?: number
    /** The pages of this part. The first is at `to`. */
    readonly tabs?: readonly Tab[]
    /** Starts of further addresses that belong to this part. */
    readonly under?: readonly string[]
}

interface FrameProps {
    brand: ReactNode
    nav: readonly NavItem[]
    /** The foot of the navigation, before the viewer's menu. */
    foot?: readonly NavItem[]
    pins?: ReactNode
    person: ReactNode
    /** The reader's name, which each printed page shows. */
    reader: string
    /** At the right end of the bar: search, clock. */
    bar: ReactNode
    /** Content above every page: alarms, and notices that stop the viewer. */
    bands?: ReactNode
    children: ReactNode
}

/** Returns whether an address belongs to a part. */
function isWithin({ to, tabs = [], under = [] }: NavItem, here: string): boolean {
    if (to === "/") return here === "/" || under.some((start) => here.startsWith(start))
    return [to, ...tabs.map((tab) => tab.to), ...under].some((start) => here === start || here.startsWith(`${start}/`))
}

export function Frame({ brand, nav, foot = [], pins, person, reader, bar, bands, children }: FrameProps) {
    const here = useLocation().pathname
    const [place, setPlace] = useState<HTMLElement | null>(null)
    // The telephone's navigation is open only at the address where it was opened.
    const [openAt, setOpenAt] = useState<string | null>(null)
    const isOpen = openAt === here
    useFocusOnMove(here)
    const part = [...nav, ...foot].find((item) => item.tabs?.some(({ to }) => to === here))
    const tabs = part === undefined ? null : { name: part.name, tabs: part.tabs ?? [] }
    return (
        <div className="app">
            <a className="skip" href="#main">
                {t("Skip to the content")}
            </a>
            <div className={isOpen ? "side open" : "side"} id="side">
                <nav aria-label={t("Main")}>
                    <Link to="/" className="brand" title="Tocsin">
                        <img src="/icon.svg" alt="" width="24" height="24" />
                        <span className="brand-text">{brand}</span>
                    </Link>
                    <NavList items={nav} here={here} />
                </nav>
                {pins}
                <div className="side-foot">
                    {foot.length > 0 && (
                        <nav aria-label={t("Program")}>
                            <NavList items={foot} here={here} />
                        </nav>
                    )}
                    {person}
                </div>
            </div>
            <div className="app-body">
                <header className="bar">
                    <div className="crumbs" ref={setPlace} />
                    <div className="bar-end">
                        {bar}
                        <button
                            type="button"
                            className="icon-button"
                            aria-label={t("Switch between light and dark")}
                            onClick={switchTheme}
                        >
                            <Icon name="moon" />
                        </button>
                    </div>
                </header>
                <main id="main" className="main" tabIndex={-1}>
                    <div className="bands">{bands}</div>
                    <PathPlace value={place}>
                        <PartTabs value={tabs}>{children}</PartTabs>
                    </PathPlace>
                </main>
            </div>
            <p className="reader-name">{t("Printed by {reader}", { reader })}</p>
            <TabBar nav={nav} here={here} isOpen={isOpen} onMore={() => setOpenAt(isOpen ? null : here)} />
        </div>
    )
}

function NavList({ items, here }: { items: readonly NavItem[]; here: string }) {
    return (
        <ul>
            {items.map((item) => (
                <li key={item.to}>
                    <NavLink item={item} className="nav" here={here} />
                </li>
            ))}
        </ul>
    )
}

function NavLink({ item, className, here }: { item: NavItem; className: string; here: string }) {
    const { to, name, icon, count = 0 } = item
    const isOn = isWithin(item, here)
    return (
        <Link
            to={to}
            title={name}
            activeProps={{}}
            className={isOn ? `${className} on` : className}
            {...(here === to && { "aria-current": "page" as const })}
        >
            <Icon name={icon} />
            <span className="label-text">{name}</span>
            {count > 0 && <span className="count">{count}</span>}
        </Link>
    )
}

interface TabBarProps {
    nav: readonly NavItem[]
    here: string
    isOpen: boolean
    onMore: () => void
}

/** The telephone's navigation: the first four parts, and the rest behind a button. */
function TabBar({ nav, here, isOpen, onMore }: TabBarProps) {
    return (
        <nav className="tab-bar" aria-label={t("Main, short")}>
            {nav.slice(0, 4).map((item) => (
                <NavLink key={item.to} item={item} className="" here={here} />
            ))}
            <button type="button" aria-expanded={isOpen} aria-controls="side" onClick={onMore}>
                <Icon name="menu" />
                {t("More")}
            </button>
        </nav>
    )
}

/** Moves the focus to the new page after keyboard navigation, because the followed link may be gone. */
function useFocusOnMove(here: string): void {
    const before = useRef(here)
    useEffect(() => {
        if (before.current !== here) document.getElementById("main")?.focus()
        before.current = here
    }, [here])
}

/** The initials of a name, as a sign beside it. */
export function Avatar({ name }: { name: string }) {
    const initials = name
        .split(/\s+/)
        .map((part) => part[0] ?? "")
        .filter((_, n, all) => n === 0 || n === all.length - 1)
        .join("")
    return <span className="avatar" aria-hidden="true" data-initials={initials.toUpperCase()} />
}
