/** Asks the browser for passkeys: to add or remove one, to sign in, to sign. */
import type { Side } from "../../../../server/src/kernel/route.ts"
import type { Assertion } from "../../../../server/src/trust/identity/passkeys/passkey.ts"
import { t } from "../../messages/message.ts"
import { Refused, type Write, apiOf } from "../api.ts"

const { writeTo } = apiOf<"both">()
const { writeTo: writeToSide } = apiOf<Side>()

/** The library is loaded when it is first needed. */
const loadWebAuthn = () => import("@simplewebauthn/browser")

/** Whether this browser can use passkeys on this page. */
export const canUsePasskeys = (): boolean =>
    globalThis.window !== undefined && "PublicKeyCredential" in window && window.isSecureContext

interface AssertionOptions {
    readonly challenge: string
    readonly rpId: string
    readonly timeout: number
    readonly userVerification: "required"
    readonly allowCredentials: readonly { readonly id: string; readonly transports: readonly string[] }[]
}

/** Asks for an assertion. Refuses `passkey.not_used` where the person cancels or has no matching passkey. */
export async function assertionFor({ allowCredentials, ...options }: AssertionOptions): Promise<Assertion> {
    const { base64URLStringToBuffer, startAuthentication } = await loadWebAuthn()
    const allowed = allowCredentials.map(({ id, transports }) => ({
        id,
        type: "public-key" as const,
        transports: transports as AuthenticatorTransport[],
    }))
    const { id, response } = await startAuthentication({
        optionsJSON: { ...options, allowCredentials: allowed },
    }).catch(refuseUnused)
    const { clientDataJSON, authenticatorData, signature, userHandle } = response
    const handle = new TextDecoder("latin1").decode(base64URLStringToBuffer(userHandle ?? ""))
    if (handle.startsWith(copiesHandle)) refuseCopiesPasskey()
    return { id, clientDataJSON, authenticatorData, signature, ...(userHandle !== undefined && { userHandle }) }
}

/** The start of the user handle of a passkey that holds an age identity. The server never hears of such a passkey. */
export const copiesHandle = "tocsin-copies/"

function refuseCopiesPasskey(): never {
    throw new Refused(0, "passkey.opens_copies", t("This passkey opens copies. Choose the passkey that signs you in."))
}

function refuseUnused(): never {
    throw new Refused(
        0,
        "passkey.not_used",
        t("No passkey was used: you cancelled, or this device has no passkey for this page. Try again."),
    )
}

/** Signs in with a passkey. */
export const signInWithPasskey: Write = {
    send: async () => {
        const options = await writeToSide("POST", "/api/session/passkey-options").send()
        return await writeToSide("POST", "/api/session/passkey", { assertion: await assertionFor(options) }).send()
    },
}

/** Confirms the caller's session with a passkey. */
export async function confirmSession(): Promise<void> {
    const options = await writeTo("POST", "/api/session/confirmation-options").send()
    await writeTo("POST", "/api/session/confirmation", { assertion: await assertionFor(options) }).send()
}

/** Asks for a passkey that the caller has, for one change of how it signs in. */
export async function confirmChange(): Promise<Assertion> {
    return await assertionFor(await writeTo("POST", "/api/passkeys/change-options").send())
}

/** Makes a passkey in this browser and adds it to the caller. A person with passkeys confirms it with one of them. */
export function addPasskey(name: string, isFirst: boolean): Write {
    return {
        send: async (key) => {
            const { startRegistration } = await loadWebAuthn()
            const confirmation = isFirst ? {} : { assertion: await confirmChange() }
            const options = await writeTo("POST", "/api/passkeys/registration-options", confirmation).send()
            const { id, response } = await startRegistration({ optionsJSON: mutable(options) }).catch(refuseUnadded)
            const { clientDataJSON, attestationObject, transports = [] } = response
            const registration = { id, clientDataJSON, attestationObject, transports }
            return await writeTo("POST", "/api/passkeys", { name, registration }).send(key)
        },
    }
}

/** Removes a passkey of the caller, which confirms it with a passkey. */
export function removePasskey(id: string): Write {
    return {
        send: async () =>
            await writeTo("POST", `/api/passkeys/${id}/remove`, { assertion: await confirmChange() }).send(),
    }
}

/** The library changes nothing, but its types are not read-only. */
const mutable = (options: unknown) =>
    options as Parameters<Awaited<ReturnType<typeof loadWebAuthn>>["startRegistration"]>[0]["optionsJSON"]

function refuseUnadded(): never {
    throw new Refused(
        0,
        "passkey.not_added",
        t("No passkey was made: you cancelled, or this device has one for this page already."),
    )
}
