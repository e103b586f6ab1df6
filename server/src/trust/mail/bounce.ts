/**
 * Mail that a server took, and that comes back later by a message of its own (RFC 3464).
 *
 * Each mail goes out from an address that names it by a token. Of what comes back to that address two things are read: the
 * token, and whether it says `failed` or `delayed`. Nobody's name, address or words are.
 */

export const fates = ["failed", "delayed"] as const
/** `failed`: the address takes nothing, for good. `delayed`: it was not reached, so far or in all the time that a server tries. */
export type Fate = (typeof fates)[number]

/** The mail's id and a proof that it is from us, in hexadecimal digits: some servers write addresses in small letters. */
export const tokenPattern = "^[0-9a-f]{48}$"

/** For so long what comes back is noted. */
export const returnDays = 30

/** How much of a message is looked into. What a server says stands before what it sends back. */
export const returnedBytesMax = 64 * 1024

/** Behind the plus of an address; null where no token is. */
export function tokenIn(address: string): string | null {
    const behind = /\+([0-9a-f]{48})@[^@]*$/i.exec(address)?.[1]
    return behind?.toLowerCase() ?? null
}

/** What it says of a receiver, the worst where it says several things; null: nothing, as an answer from a holiday does. */
export function fateIn(message: string): Fate | null {
    const inputs = message.split(/\r?\n[ \t]*\r?\n/).map(fateOf)
    return fates.find((fate) => inputs.includes(fate)) ?? null
}

/** One group of fields is about one receiver. That servers gave up trying (4.x.x) says nothing of the address. */
function fateOf(group: string): Fate | null {
    const lines = group.split(/\r?\n/)
    const report = (field: string) =>
        lines
            .find((line) => line.toLowerCase().startsWith(`${field}:`))
            ?.slice(field.length + 1)
            .trim()
            .toLowerCase()
    const [action, status] = [report("action") ?? "", report("status") ?? ""]
    if (report("final-recipient") === undefined) return null
    if (/^failed\b/.test(action) && /^5\.\d{1,3}\.\d{1,3}\b/.test(status)) return "failed"
    return /^(failed|delayed)\b/.test(action) && /^4\.\d{1,3}\.\d{1,3}\b/.test(status) ? "delayed" : null
}
