/** Shared by both apps: the query client, live updates, the page frame, signing in and signing out. */
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query"
import { type AnyRouter, RouterProvider } from "@tanstack/react-router"
import { type ReactNode, StrictMode, useEffect, useState } from "react"
import { createRoot } from "react-dom/client"
import { Refused, askAgain, apiOf } from "./api.ts"
import type { Side } from "../../../server/src/kernel/route.ts"
import { forgetDrafts } from "./drafts.ts"
import { Failed, Notice } from "./notice.tsx"
import { applyTheme } from "./layout/theme.ts"
import { language, t } from "../messages/message.ts"

const client = new QueryClient({
    defaultOptions: {
        // The server may be on this machine or in a network without internet access. The browser's online state does
        // not matter.
        mutations: { networkMode: "always" },
        queries: {
            networkMode: "always",
            staleTime: 5_000,
            retry: (attempts, error) =>
                attempts < 2 && !(error instanceof Refused && error.status > 0 && error.status < 500),
        },
    },
})

export function start(router: AnyRouter): void {
    const root = document.getElementById("root")
    if (root === null) throw new Error("the page has no root")
    applyTheme()
    document.documentElement.lang = language
    createRoot(root).render(
        <StrictMode>
            <QueryClientProvider client={client}>
                <RouterProvider router={router} />
            </QueryClientProvider>
        </StrictMode>,
    )
}

const liveEveryMs = 3_000
/** The delay doubles after each refusal. */
const reopenMs = { least: 5_000, most: 60_000 }

/** Refetches everything when the server reports a change: at once, or at intervals in busy times. */
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

/** Calls `onChange` after a change, or after a gap in which a change may have been missed: a lost or refused stream. */
function listen(onChange: () => void): () => void {
    let stop = () => {}
    let isLost = false
    let refusals = 0
    const open = () => {
        const source = new EventSource("/api/events")
        stop = () => source.close()
        source.addEventListener("changed", onChange)
        // The server's own event marks the start. The browser's event of this name has no data.
        source.addEventListener("open", (event) => {
            if (!(event instanceof MessageEvent)) return
            if (isLost) onChange()
            isLost = false
            refusals = 0
        })
        source.addEventListener("error", () => {
            isLost = true
            if (source.readyState !== EventSource.CLOSED) return
            // The session may have ended. The browser does not retry after a refusal.
            if (refusals === 0) onChange()
            const waiting = window.setTimeout(open, Math.min(reopenMs.least * 2 ** refusals++, reopenMs.most))
            stop = () => window.clearTimeout(waiting)
        })
    }
    open()
    return () => stop()
}

/** A page with one content: signing in, or what to do while signed out. */
export function Alone({ title, children }: { title: string; children: ReactNode }) {
    return (
        <main className="alone">
            <img src="/icon.svg" alt="" width="40" height="40" />
            <h1>{title}</h1>
            {children}
        </main>
    )
}

/** Deletes drafts first, so that they are gone even if the server does not end the session. */
export async function signOut(person: string): Promise<void> {
    await forgetDrafts(person).catch(() => undefined)
    await writeTo("DELETE", "/api/session")
        .send()
        .catch(() => undefined)
    window.location.replace("/")
}

/** Returns whether the error means that the viewer is signed out. */
export function isSignedOut(error: Error | null): boolean {
    return error instanceof Refused && error.status === 401
}

export function SignedOut({ children }: { children?: ReactNode }) {
    return (
        <Alone title={t("You are not signed in")}>
            <p>{t("Open your sign-in link. It is yours alone, and this page asks for no password.")}</p>
            {children}
        </Alone>
    )
}

/**
 * The secret is behind the `#`, which no browser sends. It is removed from the address first. Tests render screens
 * without a browser.
 */
const secret = globalThis.window === undefined ? "" : takeSecret()

function takeSecret(): string {
    if (window.location.pathname !== "/sign-in") return ""
    const found = window.location.hash.slice(1)
    window.history.replaceState(null, "", "/sign-in")
    return found
}

const { writeTo } = apiOf<Side>()

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
        signingIn ??= writeTo("POST", "/api/session", { secret }).send()
        signingIn.then(() => window.location.replace("/"), setWrong)
    }, [])
    return (
        <Alone title={t("Signing in")}>
            {secret === "" && <Notice>{t("Open your sign-in link: its address carries what signs you in.")}</Notice>}
            <Failed error={wrong} />
            {wrong !== null && <p>{t("A link works for a few days. Ask for a new one.")}</p>}
            {secret !== "" && wrong === null && <p>{t("One moment…")}</p>}
        </Alone>
    )
}
