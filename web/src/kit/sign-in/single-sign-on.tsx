/** Single sign-on: the providers of the sign-in page, the way back from one, and the viewer's connected accounts. */
import { useEffect, useState } from "react"
import type { Side } from "../../../../server/src/kernel/route.ts"
import { rich, t } from "../../messages/message.ts"
import { useParam } from "../address.ts"
import { type Write, apiOf } from "../api.ts"
import { CopyButton, Do } from "../button.tsx"
import { Opens } from "../dialog.tsx"
import { When } from "../instant.tsx"
import { Icon } from "../layout/icon.tsx"
import { Loaded } from "../notice.tsx"
import { Section, Table } from "../table.tsx"
import { confirmChange } from "./passkeys.ts"

const { useRead, writeTo } = apiOf<"both">()
const { useRead: useReadOfSide, writeTo: writeToSide } = apiOf<Side>()

const open = ({ address }: { readonly address: string }) => window.location.assign(address)

/** The page to which the viewer returns, without the provider that the address named. */
function here(): string {
    const { pathname, hash } = window.location
    const search = new URLSearchParams(window.location.search)
    search.delete("provider")
    const address = `${pathname}${search.size === 0 ? "" : `?${search}`}${hash}`
    const isPage = !/^\/(?:sign-in|sso\/)/.test(pathname) && !pathname.startsWith("//") && address.length <= 500
    return isPage ? address : "/"
}

const memory = "tocsin.provider"

/** The provider that this page names, or the last one that signed the viewer in with this browser. */
function namedProvider(inPath: string): string {
    return inPath || (new URLSearchParams(window.location.search).get("provider") ?? localStorage.getItem(memory) ?? "")
}

/** A button for each provider that the server shows: at the portal only for the one that is named. */
export function ProviderButtons() {
    const named = namedProvider(useParam("provider"))
    const { data } = useReadOfSide(`/api/session/sso?provider=${encodeURIComponent(named)}`)
    return data?.providers.map(({ id, name }) => (
        <Do
            key={id}
            write={writeToSide("POST", "/api/session/sso/start", { provider: id, returnTo: here() })}
            onDone={open}
        >
            <Icon name="building" /> {t("Continue with {provider}", { provider: name })}
        </Do>
    ))
}

/** The provider's answer is removed from the address first. Tests render screens without a browser. */
const query = globalThis.window === undefined ? "" : takeQuery()

function takeQuery(): string {
    if (!window.location.pathname.startsWith("/sso/")) return ""
    const found = window.location.search
    window.history.replaceState(null, "", window.location.pathname)
    return found
}

let signOnRequest: Promise<{ readonly returnTo: string }> | null = null

/** Ends the single sign-on with which the provider sent the browser back. Returns the refusal; null while it waits. */
export function useFinishedSignOn(): Error | null {
    const provider = useParam("provider")
    const [wrong, setWrong] = useState<Error | null>(null)
    useEffect(() => {
        signOnRequest ??= writeToSide("POST", "/api/session/sso", { provider, query }).send()
        signOnRequest.then(({ returnTo }) => {
            localStorage.setItem(memory, provider)
            window.location.replace(returnTo)
        }, setWrong)
    }, [provider])
    return wrong
}

/** Begins to connect an account. A person with passkeys confirms it with one of them. */
function connect(provider: string, hasPasskey: boolean): Write<{ readonly address: string }> {
    return {
        send: async () => {
            const confirmation = hasPasskey ? { assertion: await confirmChange() } : {}
            const body = { provider, returnTo: here(), ...confirmation }
            return await writeTo("POST", "/api/connected-identities", body).send()
        },
    }
}

/**
 * The viewer's accounts of providers. Without a provider for the viewer, there is no section. The portal lists no
 * provider to strangers: it shows the address that names the viewer's own.
 */
export function ConnectedAccounts({ side }: { side: Side }) {
    const identities = useRead("/api/connected-identities")
    const passkeys = useRead("/api/passkeys")
    const hasPasskey = passkeys.data === undefined || passkeys.data.passkeys.length > 0
    if (identities.data?.providers.length === 0) return null
    return (
        <Section title={t("Single sign-on")}>
            <p className="caution">
                {t(
                    "A connected account signs you in. It does not sign for you: a signature needs your passkey. Connect it in a session that you opened with a passkey or a link.",
                )}
            </p>
            <Loaded query={identities}>
                {({ providers }) => (
                    <Table
                        caption={t("Your accounts")}
                        rows={providers}
                        keyOf={({ id }) => id}
                        columns={[
                            { name: t("Provider"), cell: ({ name }) => name },
                            {
                                name: t("Connected"),
                                cell: ({ connectedAt }) =>
                                    connectedAt === null ? t("no") : <When at={connectedAt} short />,
                            },
                            {
                                name: t("Last used"),
                                cell: ({ lastUsedAt }) =>
                                    lastUsedAt === null ? t("never") : <When at={lastUsedAt} short />,
                            },
                            {
                                name: t("Actions"),
                                cell: ({ id, name, connectedAt }) =>
                                    connectedAt === null ? (
                                        <Do write={connect(id, hasPasskey)} onDone={open}>
                                            {t("Connect {provider}", { provider: name })}
                                        </Do>
                                    ) : (
                                        <Disconnect id={id} name={name} />
                                    ),
                                end: true,
                            },
                        ]}
                    />
                )}
            </Loaded>
            {side === "portal" && identities.data?.providers.map((each) => <SignInAddress key={each.id} {...each} />)}
        </Section>
    )
}

function SignInAddress({ id, name }: { id: string; name: string }) {
    const address = `${window.location.origin}/?provider=${id}`
    return (
        <div className="row">
            <span>
                {rich("To sign in with {provider}, open {address}. This browser remembers it after the first time.", {
                    provider: name,
                    address: <code className="hash">{address}</code>,
                })}
            </span>
            <CopyButton text={address}>{t("Copy address")}</CopyButton>
        </div>
    )
}

function Disconnect({ id, name }: { id: string; name: string }) {
    return (
        <Opens
            button={rich("Disconnect… <unseen>{provider}</unseen>", {
                provider: name,
                unseen: (text) => <span className="unseen">{text}</span>,
            })}
            title={t("Disconnect this account?")}
        >
            {(close) => (
                <>
                    <p>
                        {t(
                            "Your account of {provider} no longer signs you in, and sessions through it end. Without a passkey you need a sign-in link next time.",
                            { provider: name },
                        )}
                    </p>
                    <div className="row end">
                        <Do look="danger" write={writeTo("DELETE", `/api/connected-identities/${id}`)} onDone={close}>
                            {t("Disconnect account")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
