/** What both apps share: the query client, live changes, the frame of a page, signing in, and being signed out. */
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query"
import { type AnyRouter, Link, RouterProvider, useLocation } from "@tanstack/react-router"
import { type ReactNode, StrictMode, useEffect, useRef, useState } from "react"
import { createRoot } from "react-dom/client"
import { Refused, askAgain, write } from "./api.ts"
import { forgetDrafts } from "./drafts.ts"
import { Failed, Notice } from "./notice.tsx"

const client = new QueryClient({
    defaultOptions: {
        // The server may be on this very machine, or in a house without a way out: what the browser knows of a network says
        // nothing about it.
        mutations: { networkMode: "always" },
        queries: {
            networkMode: "always",
            staleTime: 5_000,
            retry: (tries, error) => tries < 2 && !(error instanceof Refused && error.status > 0 && error.status < 500),
        },
    },
})

export function start(router: AnyRouter): void {
    const root = document.getElementById("root")
    if (root === null) throw new Error("the page has no root")
    createRoot(root).render(
        <StrictMode>
            <QueryClientProvider client={client}>
                <RouterProvider router={router} />
            </QueryClientProvider>
        </StrictMode>,
    )
}

const liveEveryMs = 3_000
/** Twice as long after each refusal. */
const reopenMs = { least: 5_000, most: 60_000 }

/** Asks everything again when the server says that something has changed: at once, and in a busy time now and then. */
export function useLive(signedIn: boolean): void {
    const queries = useQueryClient()
    useEffect(() => {
        if (!signedIn) return
        let resting: number | undefined
        let isMissed = false
        const again = () => {
            isMissed = false
            resting = window.setTimeout(rested, liveEveryMs)
            void askAgain(queries)
        }
        const rested = () => {
            resting = undefined
            if (isMissed) again()
        }
        const stop = listen(() => {
            if (resting === undefined) again()
            else isMissed = true
        })
        return () => {
            stop()
            window.clearTimeout(resting)
        }
    }, [queries, signedIn])
}

/** Calls when something has changed, or may have while nobody could say so: the stream was lost, or is refused. */
function listen(onChange: () => void): () => void {
    let stop = () => {}
    let isLost = false
    let refusals = 0
    const open = () => {
        const source = new EventSource("/api/events")
        stop = () => source.close()
        source.addEventListener("changed", onChange)
        // The server's own event: from here on it tells. What the browser calls by this name bears no message.
        source.addEventListener("open", (event) => {
            if (!(event instanceof MessageEvent)) return
            if (isLost) onChange()
            isLost = false
            refusals = 0
        })
        source.addEventListener("error", () => {
            isLost = true
            if (source.readyState !== EventSource.CLOSED) return
            // Refused: the right to it may have ended, and the browser does not try again by itself.
            if (refusals === 0) onChange()
            const waiting = window.setTimeout(open, Math.min(reopenMs.least * 2 ** refusals++, reopenMs.most))
            stop = () => window.clearTimeout(waiting)
        })
    }
    open()
    return () => stop()
}

export interface NavItem {
    readonly to: string
    readonly name: string
    /** Pages that belong to it, and stand at another address. */
    readonly under?: string
    readonly count?: number
}

interface FrameProps {
    side: string
    nav: readonly NavItem[]
    header: ReactNode
    children: ReactNode
}

export function Frame({ side, nav, header, children }: FrameProps) {
    const here = useLocation().pathname
    useFocusOnMove(here)
    return (
        <div className="frame">
            <a className="skip" href="#main">
                Skip to the content
            </a>
            <header className="top">
                <Link to="/" className="brand">
                    <img src="/icon.svg" alt="" width="22" height="22" /> Tocsin <span className="side">{side}</span>
                </Link>
                <div className="top-right">{header}</div>
            </header>
            <nav className="nav" aria-label="Main">
                <ul>
                    {nav.map(({ to, name, under, count = 0 }) => (
                        <li key={to}>
                            <Link
                                to={to}
                                activeOptions={{ exact: to === "/" }}
                                {...(under !== undefined && here.startsWith(under) && { className: "active" })}
                            >
                                {name}
                                {count > 0 && <span className="count">{count}</span>}
                            </Link>
                        </li>
                    ))}
                </ul>
            </nav>
            <main id="main" className="main" tabIndex={-1}>
                {children}
            </main>
        </div>
    )
}

/** Whoever goes to another page by the keyboard goes on in it: the link that led there may be gone. */
function useFocusOnMove(here: string): void {
    const before = useRef(here)
    useEffect(() => {
        if (before.current !== here) document.getElementById("main")?.focus()
        before.current = here
    }, [here])
}

/** A page of one thing: signing in, or what to do when nobody is. */
export function Alone({ title, children }: { title: string; children: ReactNode }) {
    return (
        <main className="alone">
            <img src="/icon.svg" alt="" width="40" height="40" />
            <h1>{title}</h1>
            {children}
        </main>
    )
}

/** Drafts go first: what cannot be ended at the server is gone here. */
export async function signOut(person: string): Promise<void> {
    await forgetDrafts(person).catch(() => undefined)
    await write({ method: "DELETE", path: "/api/session" }).catch(() => undefined)
    window.location.replace("/")
}

/** Whether the error says that nobody is signed in. */
export function isSignedOut(error: Error | null): boolean {
    return error instanceof Refused && error.status === 401
}

export function SignedOut({ children }: { children?: ReactNode }) {
    return (
        <Alone title="You are not signed in">
            <p>Open your sign-in link. It is yours alone, and this page asks for no password.</p>
            {children}
        </Alone>
    )
}

/**
 * The secret stands behind the `#`, which no browser sends; it is taken out of the address before anything else. Tests
 * render screens without a browser.
 */
const secret = globalThis.window === undefined ? "" : takeSecret()

function takeSecret(): string {
    if (window.location.pathname !== "/sign-in") return ""
    const found = window.location.hash.slice(1)
    window.history.replaceState(null, "", "/sign-in")
    return found
}

let signingIn: Promise<unknown> | null = null

export function SignIn() {
    const [wrong, setWrong] = useState<Error | null>(null)
    useEffect(() => {
        const again = () => window.location.reload()
        window.addEventListener("hashchange", again)
        return () => window.removeEventListener("hashchange", again)
    }, [])
    useEffect(() => {
        if (secret === "") return
        signingIn ??= write({ method: "POST", path: "/api/session", body: { secret } })
        signingIn.then(() => window.location.replace("/"), setWrong)
    }, [])
    return (
        <Alone title="Signing in">
            {secret === "" && <Notice>Open your sign-in link: its address carries what signs you in.</Notice>}
            <Failed error={wrong} />
            {wrong !== null && <p>A link works for a few days. Ask whoever gave it to you for another.</p>}
            {secret !== "" && wrong === null && <p>One moment…</p>}
        </Alone>
    )
}
