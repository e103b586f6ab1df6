/** Checks and decodes hex into bytes that are there already: new arrays would take most of a verifier's time. */

const noDigit = 16
const values = new Uint8Array(128).fill(noDigit)
for (const [value, digit] of [..."0123456789abcdef"].entries()) values[digit.charCodeAt(0)] = value

/** Checks for a number of bytes in lower-case hex. */
export function isHex(value: unknown, bytes: number): value is string {
    if (typeof value !== "string" || value.length !== bytes * 2) return false
    for (let i = 0; i < value.length; i++) if ((values[value.charCodeAt(i)] ?? noDigit) === noDigit) return false
    return true
}

/** Writes the bytes of a text that `isHex` accepts, from `start` on. */
export function writeHex(hex: string, bytes: Uint8Array, start: number): void {
    for (let i = 0; i < hex.length; i += 2) {
        const high = values[hex.charCodeAt(i)] ?? 0
        const low = values[hex.charCodeAt(i + 1)] ?? 0
        bytes[start + i / 2] = high * 16 + low
    }
}
