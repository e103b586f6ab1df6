/**
 * Defines what passkeys sign, and what a browser returns (W3C Web Authentication, level 3). Binary values are in
 * base64url. docs/reference/formats/signature.md says how to verify a signature without this program.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { canonicalBytes } from "@tocsin/base/canonical"

/** One approval and the hash of its effects, in hex. */
export interface SignedEffects {
    readonly approval: string
    readonly effectsHash: string
}

/** The action that a passkey signs. */
export type Subject =
    | { readonly purpose: "add_passkey"; readonly person: string; readonly passkeys: readonly string[] }
    | { readonly purpose: "change_passkeys"; readonly person: string }
    | { readonly purpose: "confirm_session"; readonly person: string }
    | { readonly purpose: "sign_in"; readonly side: "console" | "portal" }
    | { readonly purpose: "sign_approvals"; readonly person: string; readonly approvals: readonly SignedEffects[] }

/** An assertion of a browser. */
export interface Assertion {
    /** The id of the passkey. */
    readonly id: string
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    /** The id of the person, as stored in the authenticator. */
    readonly userHandle?: string
}

/** A new passkey of a browser. */
export interface Registration {
    readonly id: string
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports: readonly string[]
}

/** The assertion of a signer, with all that a later verification needs. */
export interface StoredSignature {
    /** The approvals that the challenge names, this one among them. */
    readonly approvals: readonly SignedEffects[]
    readonly person: string
    readonly passkey: string
    /** COSE key. */
    readonly publicKey: string
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
}

/** SHA-256 of a signature in canonical JSON (RFC 8785), in hex. The audit log holds it. */
export function signatureHash(signature: StoredSignature): string {
    const { approvals, ...fields } = signature
    return bytesToHex(sha256(canonicalBytes({ ...fields, approvals: approvals.map((signed) => ({ ...signed })) })))
}
