/** Writes Bech32 (BIP 173), for tests: the product only reads it. */
const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

export function encodeBech32(prefix: string, bytes: Uint8Array): string {
    const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("")
    const words = (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, "0"), 2))
    const codes = [...prefix].map((char) => char.charCodeAt(0))
    const sum =
        polymod([
            ...codes.map((code) => code >> 5),
            0,
            ...codes.map((code) => code & 31),
            ...words,
            ...Array<number>(6).fill(0),
        ]) ^ 1
    const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >> shift) & 31)
    return `${prefix}1${[...words, ...check].map((word) => alphabet[word]).join("")}`
}

function polymod(words: readonly number[]): number {
    return words.reduce((sum, word) => {
        const top = sum >>> 25
        return generators.reduce(
            (all, generator, bit) => ((top >> bit) & 1 ? all ^ generator : all),
            ((sum & 0x1ffffff) << 5) ^ word,
        )
    }, 1)
}
