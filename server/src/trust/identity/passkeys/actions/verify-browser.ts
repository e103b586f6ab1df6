/**
 * Verifies what a browser returns: new passkeys and assertions (W3C Web Authentication, level 3). User verification is
 * always required. No attestation is asked for: any authenticator is allowed.
 */
import { hash } from "node:crypto"
import { refuse } from "@tocsin/base/refusal"
import type { Assertion, Registration } from "../passkey.ts"
import type { RelyingParty } from "../relying-party.ts"
import type { LivePasskey } from "../store.ts"

/** A new passkey, verified. */
export interface VerifiedRegistration {
    readonly id: Buffer
    readonly publicKey: Buffer
    readonly counter: number
    readonly isBackedUp: boolean
}

/** EdDSA, ECDSA with P-256, RSA with PKCS #1 v1.5 (COSE identifiers). */
export const algorithms: readonly number[] = [-8, -7, -257]

/** Loads the library on first use, because it takes memory and time. */
export const loadWebAuthn = () => import("@simplewebauthn/server")

/** Returns the challenge that a browser's answer names. Refuses `passkey.bad_assertion` for other texts. */
export function challengeIn(clientDataJSON: string): string {
    const { challenge } = readClientData(clientDataJSON)
    return typeof challenge === "string" ? challenge : refuseAssertion()
}

function readClientData(clientDataJSON: string): { readonly challenge?: unknown; readonly origin?: unknown } {
    try {
        const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"))
        if (typeof data === "object" && data !== null) return data
    } catch {
        // Refused below.
    }
    refuseAssertion()
}

/** Refuses `passkey.origin_mismatch`: the page has another address than the program expects, often by a setting. */
function assertOrigin(clientDataJSON: string, { origin }: RelyingParty): void {
    const { origin: used } = readClientData(clientDataJSON)
    if (used === origin) return
    refuse(
        "forbidden",
        "passkey.origin_mismatch",
        `this page has another address than \`${origin}\`: open that address, or correct the setting`,
        { origin },
    )
}

/** Verifies an assertion and returns the authenticator's new counter. Refuses `passkey.bad_assertion`. */
export async function verifyAssertion(
    { id, clientDataJSON, authenticatorData, signature, userHandle }: Assertion,
    party: RelyingParty,
    passkey: LivePasskey,
): Promise<number> {
    if (userHandle !== undefined && userHandle !== userHandleOf(passkey.person)) refuseAssertion()
    assertOrigin(clientDataJSON, party)
    const { verifyAuthenticationResponse } = await loadWebAuthn()
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: {
            id,
            rawId: id,
            type: "public-key",
            response: { clientDataJSON, authenticatorData, signature },
            clientExtensionResults: {},
        },
        expectedChallenge: challengeIn(clientDataJSON),
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: true,
        credential: { id, publicKey: new Uint8Array(passkey.publicKey), counter: passkey.counter },
    }).catch(refuseAssertion)
    return verified ? authenticationInfo.newCounter : refuseAssertion()
}

/** Verifies a new passkey. Refuses `passkey.bad_registration`. */
export async function verifyRegistration(
    { id, clientDataJSON, attestationObject }: Registration,
    party: RelyingParty,
): Promise<VerifiedRegistration> {
    assertOrigin(clientDataJSON, party)
    const { verifyRegistrationResponse } = await loadWebAuthn()
    const result = await verifyRegistrationResponse({
        response: {
            id,
            rawId: id,
            type: "public-key",
            response: { clientDataJSON, attestationObject },
            clientExtensionResults: {},
        },
        expectedChallenge: challengeIn(clientDataJSON),
        expectedOrigin: party.origin,
        expectedRPID: party.id,
        requireUserVerification: true,
        supportedAlgorithmIDs: [...algorithms],
    }).catch(refuseRegistration)
    if (!result.verified || result.registrationInfo.fmt !== "none") refuseRegistration()
    const { credential, credentialBackedUp } = result.registrationInfo
    return {
        id: Buffer.from(credential.id, "base64url"),
        publicKey: Buffer.from(credential.publicKey),
        counter: credential.counter,
        isBackedUp: credentialBackedUp,
    }
}

/** The user as an authenticator stores it: a hash of the person's id, so that a lost key shows no id. */
export function userHandleOf(person: string): string {
    return hash("sha256", `tocsin person ${person}`, "buffer").toString("base64url")
}

export function refuseAssertion(): never {
    refuse("forbidden", "passkey.bad_assertion", "the passkey's answer is not valid or was used before: try again")
}

function refuseRegistration(): never {
    refuse("invalid", "passkey.bad_registration", "the new passkey could not be verified: try again, or use another")
}
