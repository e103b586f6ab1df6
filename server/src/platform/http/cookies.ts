/** The session's one cookie (RFC 6265): found in what a browser sends, and written for it to keep or to drop. */

/** Its value as it was sent; undefined where there is none. Of two with one name the first counts, as browsers order them. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
    const [found] = (header ?? "").split(";").flatMap((pair) => {
        const at = pair.indexOf("=")
        return at !== -1 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
    })
    return found
}

export interface Kept {
    readonly name: string
    /** Of our own making: of letters, digits, `-` and `_`. */
    readonly value: string
    /** 0 ends it. */
    readonly secondsMax: number
    readonly isSecure: boolean
}

/** For the whole side, out of reach of scripts, and sent by no other site's doing. Throws where a value would say more. */
export function cookieKept({ name, value, secondsMax, isSecure }: Kept): string {
    if (!/^[\w-]*$/.test(value)) throw new Error("not a value that a cookie can have")
    const ended = secondsMax === 0 ? "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" : ""
    return `${name}=${value}; Max-Age=${secondsMax}; Path=/${ended}; HttpOnly${isSecure ? "; Secure" : ""}; SameSite=Strict`
}
