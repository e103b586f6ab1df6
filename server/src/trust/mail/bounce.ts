/**
 * Reads bounce messages (RFC 3464) about mail that a server had accepted.
 *
 * Each mail has its own return address with a token. From a bounce only the token and `failed` or `delayed` are read;
 * no name, address or text.
 */

export const bounceOutcomes = ["failed", "delayed"] as const
/**
 * `failed`: the address permanently rejects mail. `delayed`: it was not reached, so far or until the server gave up.
 */
export type BounceOutcome = (typeof bounceOutcomes)[number]

/**
 * The mail's id and a proof that it is ours, in lower-case hexadecimal digits, because some servers change the case of
 * addresses.
 */
export const tokenPattern = "^[0-9a-f]{48}$"

/** Days after sending in which bounces are recorded. */
export const bounceDays = 30

/** Maximum bytes of a bounce that are read. The server's report comes before the returned mail. */
export const bounceBytesMax = 64 * 1024

/** The token after the plus of an address; null where there is none. */
export function tokenIn(address: string): string | null {
    const token = /\+([0-9a-f]{48})@[^@]*$/i.exec(address)?.[1]
    return token?.toLowerCase() ?? null
}

/**
 * Returns the worst outcome that the message reports. Returns null where it reports none, as an automatic reply does.
 */
export function outcomeIn(message: string): BounceOutcome | null {
    const outcomes = message.split(/\r?\n[ \t]*\r?\n/).map(outcomeOf)
    return bounceOutcomes.find((outcome) => outcomes.includes(outcome)) ?? null
}

/**
 * Returns the outcome in one group of fields, which is about one recipient. A server that gave up (4.x.x) says nothing
 * about the address.
 */
function outcomeOf(group: string): BounceOutcome | null {
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
