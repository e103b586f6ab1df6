/** The frame of pages without sign-in. It shows nothing about any person or partner. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"

export function Outside({ title, children }: { title: string; children: ReactNode }) {
    return (
        <>
            <header className="top">
                <Link to="/" className="brand">
                    <img src="/icon.svg" alt="" width="22" height="22" /> Tocsin <span className="side">portal</span>
                </Link>
            </header>
            <main className="main outside">
                <h1>{title}</h1>
                {children}
            </main>
        </>
    )
}
