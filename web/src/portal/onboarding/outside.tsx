/** The frame of pages without sign-in. It shows nothing about any person or partner. */
import { Link } from "@tanstack/react-router"
import { type ReactNode, useEffect } from "react"

interface OutsideProps {
    title: string
    lead?: ReactNode
    /** Beside the content, in wide windows. */
    rail?: ReactNode
    children: ReactNode
}

export function Outside({ title, lead, rail, children }: OutsideProps) {
    useEffect(() => {
        document.title = `${title} · Tocsin`
    }, [title])
    return (
        <div className="outside">
            <header className="outside-bar">
                <Link to="/" className="brand">
                    <img src="/icon.svg" alt="" width="24" height="24" />
                    <span className="brand-text">
                        Tocsin <small>Early warnings</small>
                    </span>
                </Link>
                <nav aria-label="Partners">
                    <Link to="/apply">Apply</Link>
                    <Link to="/application">Application status</Link>
                    <Link to="/sign-in">Sign in</Link>
                </nav>
            </header>
            <main className={rail === undefined ? "page outside-page" : "page outside-page with-rail"}>
                <header className="page-head">
                    <h1>{title}</h1>
                    {lead !== undefined && <p className="soft">{lead}</p>}
                </header>
                {rail === undefined ? (
                    children
                ) : (
                    <div className="columns">
                        <div className="flow">{children}</div>
                        <aside className="rail">{rail}</aside>
                    </div>
                )}
            </main>
        </div>
    )
}
