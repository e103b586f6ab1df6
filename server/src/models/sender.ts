/** Describes the machine that sends a request, as far as a token may depend on it. */
import type { Instant } from "@tocsin/base/instant"

/** A valid proof (RFC 9449) that was not marked as used. */
export interface UnusedProof {
    /** Thumbprint (RFC 7638) of the key that signed it. */
    readonly key: string
    /** Identifies the proof among all of its key. */
    readonly hash: Buffer
    readonly expiresAt: Instant
}

export interface Sender {
    /** The client's address, behind trusted proxies. */
    readonly address: string
    /** Thumbprint (RFC 7638) of the key whose proof came with the token; null without a proof. */
    readonly key: string | null
    /** Whether a proof came that does not count. No token is accepted then. */
    readonly hasBadProof: boolean
    /** The proof of a request for a token, which its handler must mark as used; null for all other requests. */
    readonly proof: UnusedProof | null
    /** SHA-256 of the connection's client certificate (RFC 8705), in base64url; null without one. */
    readonly certificate: string | null
}

/** A sender of whom nothing is known. A token with any limit is refused. */
export const unknownSender: Sender = { address: "", key: null, hasBadProof: false, proof: null, certificate: null }
