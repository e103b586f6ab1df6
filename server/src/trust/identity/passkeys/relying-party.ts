/** Names the program to a browser: the relying party of WebAuthn (W3C Web Authentication, level 3). */
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
    return isSecure && !isAddress(hostname) ? { id: hostname, origin } : null
}

const isLocal = (hostname: string): boolean => hostname === "localhost" || hostname.endsWith(".localhost")

/** Whether a host, as URL writes it, is an IP address. */
const isAddress = (hostname: string): boolean => hostname.startsWith("[") || /^[\d.]+$/.test(hostname)
