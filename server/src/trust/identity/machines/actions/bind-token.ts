/** Reads public keys of tokens and machine clients, and computes their thumbprints. */
import { refuse } from "@tocsin/base/refusal"
import { importPublicKey } from "./verify-proof.ts"

export interface PublicJwk {
    readonly kty: string
    readonly [member: string]: unknown
}

/** The thumbprint (RFC 7638) of a public key. Refuses `identity.bad_public_key`. */
export async function thumbprintOf(jwk: PublicJwk): Promise<string> {
    const alg = jwk.kty === "EC" ? "ES256" : "EdDSA"
    try {
        return (await importPublicKey(alg, jwk)).thumbprint
    } catch {
        return refuse(
            "invalid",
            "identity.bad_public_key",
            "this is not a public key of P-256 or Ed25519: send one as JWK, without its private part",
        )
    }
}

/** The thumbprint of a new token's key: given as such, or of the given key. Null: the token is not bound. */
export async function boundKeyOf(jwk: PublicJwk | undefined, thumbprint: string | undefined): Promise<string | null> {
    const computed = jwk === undefined ? null : await thumbprintOf(jwk)
    if (computed === null || thumbprint === undefined || computed === thumbprint) return computed ?? thumbprint ?? null
    return refuse("invalid", "identity.key_mismatch", "`dpopKey` is not the thumbprint of `dpopJwk`: send one of them")
}
