/** Names the program to a browser: the relying party of WebAuthn (W3C Web Authentication, level 3). */
import { isIP } from "node:net"

export interface RelyingParty {
    /** The host name. A passkey of one host name is unknown to all others. */
    readonly id: string
    readonly origin: string
}

/** The relying party of an origin; null where browsers allow no passkeys: at an address, or without https. */
export function relyingPartyOf(origin: string): RelyingParty | null {
    if (!URL.canParse(origin)) return null
    const { protocol, hostname } = new URL(origin)
    const isSecure = protocol === "https:" || (protocol === "http:" && isLocal(hostname))
    return isSecure && isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? { id: hostname, origin } : null
}

const isLocal = (hostname: string): boolean => hostname === "localhost" || hostname.endsWith(".localhost")
