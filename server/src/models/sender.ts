/** Describes the machine that sends a request, as far as a token may depend on it. */

export interface Sender {
    /** The client's address, behind trusted proxies. */
    readonly address: string
    /** Thumbprint (RFC 7638) of the key that signed the request's proof (RFC 9449); null without a proof. */
    readonly key: string | null
    /** SHA-256 of the connection's client certificate (RFC 8705), in base64url; null without one. */
    readonly certificate: string | null
}

/** A sender of whom nothing is known. A token with any limit is refused. */
export const unknownSender: Sender = { address: "", key: null, certificate: null }
