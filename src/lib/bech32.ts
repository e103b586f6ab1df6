/**
 * Bech32 (BIP 173): bytes as lower-case text with a checksum that catches any four mistyped characters.
 *
 * Without BIP 173's limit of 90 characters, as the age format uses it. Reading only: nothing here makes keys.
 */
const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
const checksumChars = 6
const charsMax = 4096

/** Reads prefix and bytes; null for anything that is not Bech32, letter by letter: mixed case and loose bits included. */
export function decodeBech32(text: string): { prefix: string; bytes: Uint8Array } | null {
    const lower = text.toLowerCase()
    if (text.length > charsMax || (text !== lower && text !== text.toUpperCase())) return null
    const split = lower.lastIndexOf("1")
    const prefix = lower.slice(0, split)
    if (split < 1 || !/^[\x21-\x7e]+$/.test(prefix)) return null
    const words = [...lower.slice(split + 1)].map((char) => alphabet.indexOf(char))
    if (words.length < checksumChars || words.includes(-1)) return null
    const codes = [...prefix].map((char) => char.charCodeAt(0))
    const spread = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)]
    if (polymod([...spread, ...words]) !== 1) return null
    const bytes = eights(words.slice(0, -checksumChars))
    return bytes && { prefix, bytes }
}

function polymod(words: number[]): number {
    let sum = 1
    for (const word of words) {
        const top = sum >>> 25
        sum = ((sum & 0x1ffffff) << 5) ^ word
        generators.forEach((generator, bit) => {
            if ((top >> bit) & 1) sum ^= generator
        })
    }
    return sum
}

/** Words of five bits as bytes; null where the bits left over are five or more, or not zero. */
function eights(words: number[]): Uint8Array | null {
    const bytes = new Uint8Array(Math.floor((words.length * 5) / 8))
    let held = 0
    let bits = 0
    let at = 0
    for (const word of words) {
        held = ((held << 5) | word) & 0xfff
        bits += 5
        if (bits >= 8) {
            bits -= 8
            bytes[at++] = (held >> bits) & 0xff
        }
    }
    const loose = held & ((1 << bits) - 1)
    return bits < 5 && loose === 0 ? bytes : null
}
