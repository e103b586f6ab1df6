/** The frame of pages without sign-in. It shows nothing about any person or partner. */
import { Link } from "@tanstack/react-router"
import { type ReactNode, useEffect } from "react"
import { otherLanguage, rich, switchLanguage, t } from "../../messages/message.ts"

interface OutsideProps {
    title: string
    lead?: ReactNode
    /** Beside the content, in wide windows. */
    rail?: ReactNode
    children: ReactNode
}

export function Outside({ title, lead, rail, children }: OutsideProps) {
    useEffect(() => {
        document.title = t("{title} · Tocsin", { title })
    }, [title])
    return (
        <div className="outside">
            <header className="outside-bar">
                <Link to="/" className="brand">
                    <img src="/icon.svg" alt="" width="24" height="24" />
                    <span className="brand-text">
                        {rich("Tocsin <small>Early warnings</small>", { small: (text) => <small>{text}</small> })}
                    </span>
                </Link>
                <nav aria-label={t("Partners")}>
                    <Link to="/apply">{t("Apply as partner")}</Link>
                    <Link to="/application">{t("Application status")}</Link>
                    <Link to="/sign-in">{t("Sign in")}</Link>
                    <button type="button" className="link" onClick={switchLanguage}>
                        {otherLanguage}
                    </button>
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
