/**
 * Checks addresses that others enter and the server calls. They need `https:` on port 443, and a full name or public
 * address as the host, without credentials and fragment.
 *
 * An address is parsed once, by the rules of browsers (WHATWG URL), for which `127.1`, `0x7f000001` and `①②⑦.0.0.1`
 * are one address. The parsed address is the one that is called. Each call checks to which addresses its name
 * resolves.
 */
import { isPublicAddress } from "./public-address.ts"

/** An address of HTTPS that was parsed and checked. */
export interface WebAddress {
    /** The normal form that is called. */
    readonly href: string
    /** A name, or an address without brackets. */
    readonly host: string
    readonly isName: boolean
    /** The path with the query. */
    readonly path: string
}

export const addressLengthMax = 500

/** Ends of names that are not public (RFC 6761, 6762, 7686, 8375, 9476, and names for private use). */
const privateEnds = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "arpa",
    "onion",
    "alt",
]
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/
/** Characters that browsers drop or change while they parse. */
const droppedCharacters = /[\s\p{C}\\]/u

/** Reads an address. Returns null for one that must not be called. */
export function readWebAddress(text: string): WebAddress | null {
    if (text.length > addressLengthMax || droppedCharacters.test(text) || !/^https:\/\/[^/]/i.test(text)) return null
    const url = URL.parse(text)
    if (url === null || url.href.length > addressLengthMax) return null
    const { protocol, port, username, password, hostname, href } = url
    if (protocol !== "https:" || port !== "" || username !== "" || password !== "") return null
    if (text.includes("#") || userPart.test(text)) return null
    const path = `${url.pathname}${url.search}`
    const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname
    if (host !== hostname || /^[\d.]+$/.test(host)) {
        return isPublicAddress(host) ? { href, host, isName: false, path } : null
    }
    return isPublicName(host) ? { href, host, isName: true, path } : null
}

/** Matches credentials, also the empty ones of `https://@host`, which the parser drops. */
const userPart = /^https:\/\/[^/?]*@/i

function isPublicName(name: string): boolean {
    const labels = name.split(".")
    const end = labels.at(-1) ?? ""
    const isWhole = name.length <= 253 && labels.length >= 2 && labels.every((item) => label.test(item))
    return isWhole && !/^\d/.test(end) && !privateEnds.includes(end)
}
