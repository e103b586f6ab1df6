/**
 * Defines the signature that is kept beside an approval. docs/reference/formats/signature.md says how to verify it
 * without this program.
 */
import { hash } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import type { SignedEffects } from "./challenge.ts"

/** The assertion of a signer, with all that a later verification needs. Binary values are in base64url. */
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

/** SHA-256 of a signature in canonical JSON, in hex. The audit log holds it. */
export function signatureHash(signature: StoredSignature): string {
    return hash("sha256", canonical({ ...signature, approvals: signature.approvals.map((each) => ({ ...each })) }))
}
