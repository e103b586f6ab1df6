/** Signing in with a passkey or a link, and signing out. */
import { type ReactNode, useEffect, useState } from "react"
import type { Side } from "../../../../server/src/kernel/route.ts"
import { t } from "../../messages/message.ts"
import { apiOf } from "../api.ts"
import { Do } from "../button.tsx"
import { forgetDrafts } from "../drafts.ts"
import { Icon } from "../layout/icon.tsx"
import { Failed, Notice } from "../notice.tsx"
import { canUsePasskeys, signInWithPasskey } from "./passkeys.ts"
import { ProviderButtons, useFinishedSignOn } from "./single-sign-on.tsx"

const { writeTo } = apiOf<Side>()

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

/** The page of a viewer who is signed out. */
export function SignedOut({ children }: { children?: ReactNode }) {
    return (
        <Alone title={t("Sign in")}>
            <PasskeyButton />
            <ProviderButtons />
            <p className="muted">
                {t(
                    "No passkey yet, or a new device? Open the sign-in link that you got. It works once. This page asks for no password.",
                )}
            </p>
            {children}
        </Alone>
    )
}

function PasskeyButton() {
    if (!canUsePasskeys()) {
        return (
            <Notice>
                {t(
                    "Passkeys do not work in this browser at this address. Sign in with a link, or use another browser.",
                )}
            </Notice>
        )
    }
    return (
        <Do look="main" write={signInWithPasskey} onDone={() => window.location.replace("/")}>
            <Icon name="key" /> {t("Continue with a passkey")}
        </Do>
    )
}

/** The page to which a provider of single sign-on sends the browser back. */
export function SignOn() {
    const wrong = useFinishedSignOn()
    return (
        <Alone title={t("Signing in")}>
            <Failed error={wrong} />
            {wrong === null && <p>{t("One moment…")}</p>}
            {wrong !== null && <PasskeyButton />}
            {wrong !== null && <ProviderButtons />}
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

let signingIn: Promise<unknown> | null = null

/** The page of a sign-in link. */
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
    if (secret === "") return <SignedOut />
    return (
        <Alone title={t("Signing in")}>
            <Failed error={wrong} />
            {wrong !== null && <PasskeyButton />}
            {wrong !== null && <p>{t("A link works once, for three days. Ask for a new one, or use your passkey.")}</p>}
            {wrong === null && <p>{t("One moment…")}</p>}
        </Alone>
    )
}
