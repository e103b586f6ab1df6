/**
 * Passkeys that hold an age identity. They are not sign-in passkeys: the server never hears of them, and sign-in asks
 * no passkey for the function that the identity comes from.
 */
import { identityToRecipient } from "age-encryption"
import { identityFromPasskey, passkeyInput } from "@tocsin/client/passkey-identity"
import { canUsePasskeys, copiesHandle } from "../../kit/sign-in/passkeys.ts"
import { t } from "../../messages/message.ts"

export interface HeldIdentity {
    readonly identity: string
    readonly recipient: string
    /** The passkey's provider may copy it to other devices. */
    readonly isSynced: boolean
}

/** The start of the user handle, by which the page tells these passkeys from others. */
const handleStart = new TextEncoder().encode(copiesHandle)

const algorithms = [-8, -7, -257].map((alg) => ({ type: "public-key" as const, alg }))

/** Why this page cannot ask for a passkey; null: it can. */
export const whyNoPasskey = (): string | null =>
    canUsePasskeys() ? null : t("passkeys do not work in this browser at this address")

/** Makes a passkey and derives its identity. */
export async function makeHeldIdentity(): Promise<HeldIdentity> {
    const name = t("Tocsin copies – {host}", { host: window.location.hostname })
    const made = await navigator.credentials
        .create({
            publicKey: {
                rp: { id: window.location.hostname, name: "Tocsin" },
                // A random handle: a passkey never replaces an earlier one.
                user: { id: new Uint8Array([...handleStart, ...random(16)]), name, displayName: name },
                challenge: random(32),
                pubKeyCredParams: algorithms,
                authenticatorSelection: {
                    residentKey: "required",
                    requireResidentKey: true,
                    userVerification: "required",
                },
                extensions: { prf: {} },
            },
        })
        .catch(() => null)
    if (!(made instanceof PublicKeyCredential)) throw new Error(t("no passkey was made: you cancelled"))
    if (made.getClientExtensionResults().prf?.enabled !== true) {
        await discard(made.id)
        throw new Error(withoutPrf())
    }
    const transports = (made.response as AuthenticatorAttestationResponse).getTransports() as AuthenticatorTransport[]
    const used = await assertion([{ id: made.rawId, type: "public-key", transports }]).catch(() => {
        throw new Error(t("the passkey was made, and not read: press “Use an existing passkey”"))
    })
    return await derived(used)
}

/** Derives the identity of a passkey that the person chooses, on this device or on another one. */
export async function openHeldIdentity(): Promise<HeldIdentity> {
    // Without a list of ids, a synced passkey works in each browser.
    const used = await assertion([])
    const handle = new Uint8Array((used.response as AuthenticatorAssertionResponse).userHandle ?? new ArrayBuffer(0))
    if (handleStart.some((byte, n) => handle[n] !== byte)) {
        throw new Error(t("this passkey signs you in: choose the one that is named “Tocsin copies”"))
    }
    return await derived(used)
}

async function assertion(allowCredentials: PublicKeyCredentialDescriptor[]): Promise<PublicKeyCredential> {
    const used = await navigator.credentials
        .get({
            publicKey: {
                rpId: window.location.hostname,
                challenge: random(32),
                allowCredentials,
                userVerification: "required",
                extensions: { prf: { eval: { first: passkeyInput() } } },
            },
        })
        .catch(() => null)
    if (used instanceof PublicKeyCredential) return used
    throw new Error(t("no passkey was used: you cancelled, or this device has no passkey for copies"))
}

async function derived(used: PublicKeyCredential): Promise<HeldIdentity> {
    const output = used.getClientExtensionResults().prf?.results?.first
    if (output === undefined) throw new Error(withoutPrf())
    const data = new Uint8Array((used.response as AuthenticatorAssertionResponse).authenticatorData)
    // Some browser extensions return a list of numbers, which this also reads.
    const identity = identityFromPasskey(new Uint8Array(output as ArrayBuffer))
    return { identity, recipient: await identityToRecipient(identity), isSynced: mayBeSynced(data) }
}

/** Reads the flag "backup eligible", after the 32 bytes of the host's hash. */
const mayBeSynced = (authenticatorData: Uint8Array): boolean => ((authenticatorData[32] ?? 0) & 0x08) !== 0

const withoutPrf = (): string =>
    t("this passkey cannot hold a key (it has no PRF): use another device, or add the recipient of an age key")

/** Asks the passkey's provider to delete a passkey that is of no use. Older browsers cannot. */
async function discard(credentialId: string): Promise<void> {
    if (!("signalUnknownCredential" in PublicKeyCredential)) return
    await PublicKeyCredential.signalUnknownCredential({ rpId: window.location.hostname, credentialId }).catch(
        () => undefined,
    )
}

const random = (bytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(bytes))
