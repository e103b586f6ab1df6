/** Shared by both apps: the query client and live updates. */
import { QueryClient, QueryClientProvider, useQueryClient } from "@tanstack/react-query"
import { type AnyRouter, RouterProvider } from "@tanstack/react-router"
import { StrictMode, useEffect } from "react"
import { createRoot } from "react-dom/client"
import { Refused, askAgain, confirmWith } from "./api.ts"
import { applyTheme } from "./layout/theme.ts"
import { language } from "../messages/message.ts"

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
    confirmWith(async () => (await import("./sign-in/passkeys.ts")).confirmSession())
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
