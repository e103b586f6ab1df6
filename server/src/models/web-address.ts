/**
 * Addresses that somebody else writes and a server is to call: `https:` on its usual port, to a host of the open
 * internet by its full name or its public address, with no name or password and no fragment.
 *
 * Read once, by the rules of browsers (WHATWG URL), in which `127.1`, `0x7f000001` and `①②⑦.0.0.1` are one address; and
 * what was read is what is called. Where a name leads is another question, asked at each call.
 */
import { isPublicAddress } from "./public-address.ts"

/** An address of HTTPS that was parsed and checked. */
export interface WebAddress {
    /** As it is called: the same for all ways to write it. */
    readonly href: string
    /** A name, or an address without brackets. */
    readonly host: string
    readonly isName: boolean
    /** With the query. */
    readonly path: string
}

export const addressLengthMax = 500

/** Ends of names that lead nowhere public (RFC 6761, 6762, 7686, 8375, 9476, and what is kept for private use). */
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
/** What browsers leave out or turn round while they read. */
const odd = /[\s\p{C}\\]/u

/** Null for whatever is not to be called. */
export function readWebAddress(text: string): WebAddress | null {
    if (text.length > addressLengthMax || odd.test(text) || !/^https:\/\/[^/]/i.test(text)) return null
    const url = URL.parse(text)
    if (url === null || url.href.length > addressLengthMax) return null
    const { protocol, port, username, password, hostname, href } = url
    if (protocol !== "https:" || port !== "" || username !== "" || password !== "") return null
    if (text.includes("#") || userPart.test(text)) return null
    const path = `${url.pathname}${url.search}`
    const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname
    if (bare !== hostname || /^[\d.]+$/.test(bare)) {
        return isPublicAddress(bare) ? { href, host: bare, isName: false, path } : null
    }
    return isPublicName(bare) ? { href, host: bare, isName: true, path } : null
}

/** `https://@host` has an empty one, which is not kept. */
const userPart = /^https:\/\/[^/?]*@/i

function isPublicName(name: string): boolean {
    const labels = name.split(".")
    const end = labels.at(-1) ?? ""
    const isWhole = name.length <= 253 && labels.length >= 2 && labels.every((item) => label.test(item))
    return isWhole && !/^\d/.test(end) && !privateEnds.includes(end)
}
