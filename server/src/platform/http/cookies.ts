/** Reads and writes the session cookie (RFC 6265). */

/**
 * Returns the value of a cookie, as sent; undefined where it is missing. Of two cookies with one name, the first
 * counts, as in browsers.
 */
export function findCookie(header: string | undefined, name: string): string | undefined {
    const [found] = (header ?? "").split(";").flatMap((pair) => {
        const at = pair.indexOf("=")
        return at !== -1 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
    })
    return found
}

export interface Cookie {
    readonly name: string
    /** A value of this server: letters, digits, `-` and `_`. */
    readonly value: string
    /** The lifetime in seconds; 0 deletes the cookie. */
    readonly secondsMax: number
    readonly isSecure: boolean
}

/**
 * Formats the cookie for the whole side, not readable by scripts and not sent for other sites. Throws where the value
 * has other characters.
 */
export function formatCookie({ name, value, secondsMax, isSecure }: Cookie): string {
    if (!/^[\w-]*$/.test(value)) throw new Error("not a value that a cookie can have")
    const ended = secondsMax === 0 ? "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" : ""
    return (
        `${name}=${value}; Max-Age=${secondsMax}; Path=/${ended}; HttpOnly${isSecure ? "; Secure" : ""}; ` +
        "SameSite=Strict"
    )
}
