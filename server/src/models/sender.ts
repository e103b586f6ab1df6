/** Describes the sender of a request: the properties that can limit a token. */
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
    /** Whether the request has an invalid proof. Then no token is accepted. */
    readonly hasBadProof: boolean
    /** The proof of a request for a token, which its handler must mark as used; null for all other requests. */
    readonly proof: UnusedProof | null
    /** SHA-256 of the connection's client certificate (RFC 8705), in base64url; null without one. */
    readonly certificate: string | null
}

/** A sender without known address, key and certificate. It fits no token that has a limit. */
export const unknownSender: Sender = { address: "", key: null, hasBadProof: false, proof: null, certificate: null }
