/** Sigma's encodings of a value: UTF-16 of three kinds, and Base64 at its place or at any of three. */
import { base64 } from "@scure/base"

/** A modifier of Sigma that encodes a text as UTF-16. */
export type Utf16Kind = "utf16le" | "utf16be" | "utf16" | "wide"

/** Encodes a text as UTF-16 as the modifier says; null gives UTF-8. `utf16` begins with a byte order mark. */
export function bytesOf(text: string, utf16: Utf16Kind | null): number[] {
    if (utf16 === null) return [...new TextEncoder().encode(text)]
    const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
    const big = utf16 === "utf16be"
    const bytes = units.flatMap((unit) => (big ? [unit >> 8, unit & 255] : [unit & 255, unit >> 8]))
    return utf16 === "utf16" ? [0xff, 0xfe, ...bytes] : bytes
}

/** Returns the part of the Base64 text that is equal wherever the value begins: one text for each of three offsets. */
export function base64Offsets(bytes: readonly number[]): string[] {
    return [0, 1, 2].map((shift) => {
        const whole = base64.encode(Uint8Array.from([...Array<number>(shift).fill(32), ...bytes]))
        const remainder = (bytes.length + shift) % 3
        const end = remainder === 0 ? whole.length : whole.length - (remainder === 1 ? 3 : 2)
        return whole.slice(shift === 0 ? 0 : shift + 1, end)
    })
}
