/** The frame of pages without sign-in, like that of the public pages. It shows nothing about any person or partner. */
import { Link } from "@tanstack/react-router"
import { type ReactNode, useEffect } from "react"
import { useRead } from "../api.ts"
import { otherLanguage, switchLanguage, t } from "../../messages/message.ts"

interface OutsideProps {
    title: string
    lead?: ReactNode
    /** Beside the content, in wide windows. */
    rail?: ReactNode
    section?: "apply"
    children: ReactNode
}

export function Outside({ title, lead, rail, section, children }: OutsideProps) {
    const publisher = useRead("/api/application-form").data?.publisher
    const name = publisher?.name ?? "Tocsin"
    useEffect(() => {
        document.title = t("{title} · Tocsin", { title })
    }, [title])
    return (
        <div className="outside">
            <Header name={name} section={section} />
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
            <Footer name={name} />
        </div>
    )
}

/** Pages that the server renders; the router of the screens does not know them. */
const sections = [
    ["/advisories", t("Advisories")],
    ["/program", t("Program")],
    ["/annual-reports", t("Report")],
    ["/advisories.atom", t("Feed")],
] as const

function Header({ name, section }: { name: string; section: OutsideProps["section"] }) {
    return (
        <header className="outside-bar">
            <a href="/advisories" className="brand">
                <img src="/icon.svg" alt="" width="28" height="28" />
                <span className="brand-text">
                    {name} <small>{t("Early warnings")}</small>
                </span>
            </a>
            <nav aria-label={t("Public pages")}>
                {sections.map(([path, text]) => (
                    <a key={path} href={path}>
                        {text}
                    </a>
                ))}
                <Link
                    to="/apply"
                    className={section === "apply" ? "button main" : "button"}
                    {...(section === "apply" && { "aria-current": "page" as const })}
                >
                    {t("Apply to join")}
                </Link>
            </nav>
        </header>
    )
}

function Footer({ name }: { name: string }) {
    return (
        <footer className="outside-foot">
            <span>{name}</span>
            <Link to="/application">{t("Application status")}</Link>
            <Link to="/sign-in">{t("Sign in")}</Link>
            <a href="/.well-known/security.txt">{t("security.txt")}</a>
            <button type="button" className="link" onClick={switchLanguage}>
                {otherLanguage}
            </button>
            <span className="end">{t("All times are UTC.")}</span>
        </footer>
    )
}
