/**
 * Detects the kind of content by its bytes only, because a sender can choose any name.
 *
 * A text is decoded without loss or not at all: its bytes can be restored. The exception is UTF-8 that was cut inside a
 * character. The rest of that character is dropped at either end.
 */

export const contentKinds = ["text", "archive", "image", "document", "binary"] as const

/** A kind of content. */
export type ContentKind = (typeof contentKinds)[number]

/** The kind and the format of content, by its bytes. */
export interface Content {
    readonly kind: ContentKind
    /** The encoding of a text, the container of an archive, the format of an image; null where it is unknown. */
    readonly format: string | null
}

/** Valid UTF-8 is a text, even if it begins with one of these signatures. */
const signatures: readonly (readonly [kind: ContentKind, format: string, hex: string, at?: number])[] = [
    ["archive", "zip", "504b0304"],
    ["archive", "zip", "504b0506"],
    ["archive", "gzip", "1f8b08"],
    ["archive", "7z", "377abcaf271c"],
    ["archive", "rar", "526172211a07"],
    ["archive", "xz", "fd377a585a00"],
    ["archive", "zstd", "28b52ffd"],
    ["archive", "bzip2", "425a68"],
    ["image", "png", "89504e470d0a1a0a"],
    ["image", "jpeg", "ffd8ff"],
    ["image", "gif", "474946383761"],
    ["image", "gif", "474946383961"],
    ["image", "webp", "57454250", 8],
]

/** Returns the kind and format of content, by its bytes. A file name is never considered. */
export function detectContent(bytes: Uint8Array): Content {
    if (hasAt(bytes, "255044462d", 0)) return { kind: "document", format: "pdf" }
    const utf8 = decodeStrictly(bytes, "utf-8") === null ? null : "utf-8"
    if (utf8 !== null) return { kind: "text", format: utf8 }
    const found = signatures.find(([, , hex, at = 0]) => hasAt(bytes, hex, at))
    if (found) return { kind: found[0], format: found[1] }
    if (isTar(bytes)) return { kind: "archive", format: "tar" }
    const format = encodings.find((encoding) => decode(bytes, encoding) !== null)
    return format === undefined ? { kind: "binary", format: null } : { kind: "text", format }
}

/** Returns the decoded text; null where the bytes are not a text. */
export function decodeText(bytes: Uint8Array): string | null {
    const { kind, format } = detectContent(bytes)
    return kind === "text" && format !== null ? decode(bytes, format as Encoding) : null
}

function decode(bytes: Uint8Array, encoding: Encoding): string | null {
    return decodeStrictly(bytes, encoding) ?? (encoding === "utf-8" ? decodeCutUtf8(bytes) : null)
}

/**
 * Decodes UTF-8 that was cut at both ends. Without a whole letter beyond ASCII, the last byte could also be a letter of
 * Windows-1252. It is then read as Windows-1252 where that is possible.
 */
function decodeCutUtf8(bytes: Uint8Array): string | null {
    const start = bytes.findIndex((byte) => byte >> 6 !== 0b10)
    if (start < 0 || start > 3) return null
    const text = decodeStrictly(bytes.subarray(start, bytes.length - cutBytesAtEnd(bytes)), "utf-8")
    if (text === null || text === "") return null
    return /[^\x00-\x7f]/.test(text) || !isPossibleWindows1252(bytes) ? text : null
}

/** Returns how many bytes at the end begin an incomplete character. */
function cutBytesAtEnd(bytes: Uint8Array): number {
    for (let count = 1; count <= 3; count++) {
        const byte = bytes.at(-count) ?? 0
        if (byte >> 6 === 0b10) continue
        const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
        return byte <= 0xf4 && wanted > count ? count : 0
    }
    return 0
}

const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252"] as const
type Encoding = (typeof encodings)[number]

const byteOrderMarks: Readonly<Record<Encoding, string>> = {
    "utf-8": "",
    "utf-16le": "fffe",
    "utf-16be": "feff",
    "windows-1252": "",
}

function decodeStrictly(bytes: Uint8Array, encoding: Encoding): string | null {
    if (!hasAt(bytes, byteOrderMarks[encoding], 0)) return null
    if (encoding === "windows-1252" && !isPossibleWindows1252(bytes)) return null
    try {
        const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes)
        return text.includes("\0") ? null : text
    } catch {
        return null
    }
}

/** The minimum percentage of ASCII bytes. Below it, the encoding of a western European text cannot be detected. */
const asciiPercentMin = 75
const undefinedBytes = [0x81, 0x8d, 0x8f, 0x90, 0x9d]
const spaces = [0x09, 0x0a, 0x0c, 0x0d]

/** Returns whether each byte is one letter of Windows-1252. Decoding then loses nothing. */
function isPossibleWindows1252(bytes: Uint8Array): boolean {
    let ascii = 0
    for (const byte of bytes) {
        if (byte < 0x20 ? !spaces.includes(byte) : byte === 0x7f || undefinedBytes.includes(byte)) return false
        if (byte < 0x80) ascii++
    }
    return ascii * 100 >= bytes.length * asciiPercentMin
}

function hasAt(bytes: Uint8Array, hex: string, at: number): boolean {
    if (bytes.length < at + hex.length / 2) return false
    for (let i = 0; i < hex.length; i += 2) {
        if (bytes[at + i / 2] !== Number.parseInt(hex.slice(i, i + 2), 16)) return false
    }
    return true
}

const headerBytes = 512
const sumAt = 148
const sumBytes = 8

/** Whether the bytes are a tar, by the checksum of its first header. */
export function isTar(bytes: Uint8Array): boolean {
    return bytes.length >= headerBytes && bytes[0] !== 0 && hasTarSum(bytes.subarray(0, headerBytes))
}

/** Returns whether a header of tar has the checksum that it states. */
export function hasTarSum(header: Uint8Array): boolean {
    let sum = 0
    header.forEach((byte, i) => (sum += i >= sumAt && i < sumAt + sumBytes ? 0x20 : byte))
    const field = new TextDecoder("latin1").decode(header.subarray(sumAt, sumAt + sumBytes))
    const digits = /^ *([0-7]{1,7})[\0 ]*$/.exec(field)?.[1]
    return digits !== undefined && Number.parseInt(digits, 8) === sum
}
