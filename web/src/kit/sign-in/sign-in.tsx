/** Signing in with a passkey or a link, and signing out. */
import { type ReactNode, useEffect, useState } from "react"
import type { Side } from "../../../../server/src/kernel/route.ts"
import { t } from "../../messages/message.ts"
import { Refused, apiOf } from "../api.ts"
import { Button, Do } from "../button.tsx"
import { forgetDrafts } from "../drafts.ts"
import { Icon } from "../layout/icon.tsx"
import { Failed, Notice } from "../notice.tsx"
import { canUsePasskeys, signInWithPasskey } from "./passkeys.ts"
import { SignInFrame } from "./sign-in-frame.tsx"
import { ProviderButtons, useFinishedSignOn } from "./single-sign-on.tsx"

const { writeTo } = apiOf<Side>()

/** A sign-out replaces the page. Until then the page offers no sign-in: the new page would undo it. */
let isSigningOut = false

/** Deletes drafts first, so that they are gone even if the server does not end the session. */
export async function signOut(person: string): Promise<void> {
    isSigningOut = true
    await forgetDrafts(person).catch(() => undefined)
    await writeTo("DELETE", "/api/session")
        .send()
        .catch(() => undefined)
    window.location.replace("/")
}

interface SignedOutProps {
    /** The part of the program: console or portal. */
    lead: string
    /** Advice for a viewer who lost the passkey. */
    recovery: string
    children?: ReactNode
}

/** The page of a viewer who is signed out. */
export function SignedOut({ lead, recovery, children }: SignedOutProps) {
    if (isSigningOut) {
        return (
            <SignInFrame title={t("Signing out")}>
                <p>{t("One moment…")}</p>
            </SignInFrame>
        )
    }
    return (
        <SignInFrame title={t("Sign in")} lead={lead}>
            <PasskeyButton />
            <ProviderButtons />
            <p className="muted">
                {t(
                    "No passkey yet, or a new device? Open the sign-in link that you got. It works once. This page asks for no password.",
                )}
            </p>
            <details>
                <summary>{t("Lost your passkey?")}</summary>
                <p>{recovery}</p>
            </details>
            {children}
        </SignInFrame>
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
            <Icon name="finger" /> {t("Continue with a passkey")}
        </Do>
    )
}

/** The page to which a provider of single sign-on sends the browser back. */
export function SignOn() {
    const wrong = useFinishedSignOn()
    return (
        <SignInFrame title={t("Signing in")}>
            <Failed error={wrong} />
            {wrong === null && <p>{t("One moment…")}</p>}
            {wrong !== null && <PasskeyButton />}
            {wrong !== null && <ProviderButtons />}
        </SignInFrame>
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

/** Asks before a link replaces the session of another person: a stranger may have sent the link. */
function OtherPerson() {
    return (
        <SignInFrame title={t("Another person is signed in")}>
            <p>{t("This link is for another person than the one who is signed in in this browser.")}</p>
            <p className="muted">{t("Continue only if you expected this link. The present session then ends.")}</p>
            <div className="row">
                <Do
                    look="main"
                    write={writeTo("POST", "/api/session", { secret, replacesSession: true })}
                    onDone={() => window.location.replace("/")}
                >
                    {t("Sign in with the link")}
                </Do>
                <Button onPress={() => window.location.replace("/")}>{t("Stay signed in")}</Button>
            </div>
        </SignInFrame>
    )
}

let signingIn: Promise<unknown> | null = null

/** The page of a sign-in link. Without a secret in the address it shows the children. */
export function SignIn({ children }: { children: ReactNode }) {
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
    if (secret === "") return children
    if (wrong instanceof Refused && wrong.code === "identity.other_person_signed_in") return <OtherPerson />
    return (
        <SignInFrame title={t("Signing in")}>
            <Failed error={wrong} />
            {wrong !== null && <PasskeyButton />}
            {wrong !== null && <p>{t("A link works once, for three days. Ask for a new one, or use your passkey.")}</p>}
            {wrong === null && <p>{t("One moment…")}</p>}
        </SignInFrame>
    )
}
