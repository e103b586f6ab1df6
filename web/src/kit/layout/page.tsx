/** A page: path and title, tabs, the content, and the rail at the right. */
import { Link } from "@tanstack/react-router"
import { Fragment, type ReactNode, createContext, use, useEffect } from "react"
import { createPortal } from "react-dom"
import { Icon } from "./icon.tsx"
import { type Tab, Tabs } from "./tabs.tsx"
import { t } from "../../messages/message.ts"

/** The place in the bar where a page writes its path; null until the frame is drawn. */
export const PathPlace = createContext<HTMLElement | null>(null)

/** The tabs of the part of the app that an address belongs to. */
export const PartTabs = createContext<{ readonly name: string; readonly tabs: readonly Tab[] } | null>(null)

export interface Crumb {
    readonly to: string
    readonly name: string
}

interface PathProps {
    path?: readonly Crumb[]
    title: ReactNode
}

function Path({ path = [], title }: PathProps) {
    const place = use(PathPlace)
    if (place === null) return null
    return createPortal(
        <>
            {path.map(({ to, name }) => (
                <Fragment key={to}>
                    <Link to={to}>{name}</Link>
                    <Icon name="next" />
                </Fragment>
            ))}
            <strong>{title}</strong>
        </>,
        place,
    )
}

/** Names the browser's tab. The name is seen by others: it is a kind of page, never a title or a name. */
function useTabTitle(name: string): void {
    useEffect(() => {
        document.title = t("{name} · Tocsin", { name })
    }, [name])
}

interface PageProps {
    title: ReactNode
    /** The name in the browser's tab and in the path, where the title is not for everybody's eyes. */
    tabTitle?: string
    path?: readonly Crumb[]
    /** The last name in the path, where it is not the title. */
    here?: string
    /** One line below the title. */
    lead?: ReactNode
    aside?: ReactNode
    /** The pages of one thing; without them, those of the part of the app. */
    tabs?: readonly Tab[]
    tabsLabel?: string
    children: ReactNode
}

export function Page({ title, tabTitle, path, here, lead, aside, tabs, tabsLabel = t("Page"), children }: PageProps) {
    const part = use(PartTabs)
    const shown = tabs === undefined ? part : { name: tabsLabel, tabs }
    useTabTitle(tabTitle ?? (typeof title === "string" ? title : t("Page")))
    return (
        <div className="page">
            <Path {...(path !== undefined && { path })} title={here ?? title} />
            <header className="page-head">
                <div className="page-top">
                    <div className="grow">
                        <h1>{title}</h1>
                        {lead !== undefined && <div className="page-lead">{lead}</div>}
                    </div>
                    {aside !== undefined && <div className="page-acts">{aside}</div>}
                </div>
                {shown !== null && <Tabs label={shown.name} tabs={shown.tabs} />}
            </header>
            {children}
        </div>
    )
}

/** The tone of a header: how confidential the page is. */
export type Secrecy = "embargo" | "frozen" | "confidential" | "public"

interface SecretPageProps extends PageProps {
    secrecy: Secrecy
    tabTitle: string
    /** Shown at the right of the title: the one large number. */
    figure?: ReactNode
    /** A drawing between the title and the tabs. */
    track?: ReactNode
}

/** A page whose header shows that its content is confidential. */
export function SecretPage(props: SecretPageProps) {
    const {
        secrecy,
        title,
        tabTitle,
        path,
        here,
        lead,
        figure,
        track,
        tabs,
        tabsLabel = t("Page"),
        aside,
        children,
    } = props
    useTabTitle(tabTitle)
    return (
        <>
            <Path {...(path !== undefined && { path })} title={here ?? title} />
            <header className={`strip ${secrecy}`}>
                <div className="strip-in">
                    <div className="page-top">
                        <div className="grow">
                            <h1>{title}</h1>
                            {lead !== undefined && <div className="strip-facts">{lead}</div>}
                        </div>
                        {figure}
                    </div>
                    {track}
                    <div className="strip-foot">
                        {tabs !== undefined && <Tabs label={tabsLabel} tabs={tabs} />}
                        {aside !== undefined && <div className="row">{aside}</div>}
                    </div>
                </div>
            </header>
            <div className="page">{children}</div>
        </>
    )
}

/** The main column and the rail beside it, which moves below in narrow windows. */
export function Columns({ children, rail }: { children: ReactNode; rail: ReactNode }) {
    return (
        <div className="columns">
            <div className="flow">{children}</div>
            <aside className="rail">{rail}</aside>
        </div>
    )
}
