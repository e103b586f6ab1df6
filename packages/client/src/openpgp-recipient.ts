/**
 * Handles OpenPGP certificates as recipients, without an OpenPGP library: `openpgp:PRIMARY/SUBKEY` names a certificate
 * and its subkey that copies are sealed to, by their fingerprints of version 4.
 */
import { sha1 } from "@noble/hashes/legacy.js"
import { bytesToHex, concatBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"

const prefix = "openpgp:"
const begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

/** The recipient of a certificate and its subkey, by their fingerprints in hexadecimal. */
export const openPgpRecipient = (primary: string, subkey: string): string =>
    `${prefix}${primary.toUpperCase()}/${subkey.toUpperCase()}`

/** Whether a recipient is an OpenPGP certificate. */
export const isOpenPgp = (recipient: string): boolean => recipient.startsWith(prefix)

/** Whether a text is an armoured OpenPGP key, or looks like one. */
export const isCertificate = (text: string): boolean => text.includes("-----BEGIN PGP ")

/** The recipients that an armoured certificate can have: its primary key with each subkey. None: it is damaged. */
export function recipientsOf(armoured: string): string[] {
    const [primary, ...subkeys] = fingerprintsOf(decodeArmour(armoured))
    return primary === undefined ? [] : subkeys.map((subkey) => openPgpRecipient(primary, subkey))
}

/** The bytes of the first block; empty where it is damaged. The optional checksum is not read (RFC 9580, 6.1). */
function decodeArmour(armoured: string): Uint8Array {
    const [, block = ""] = armoured.split(begin)
    const [, ...lines] = block.split(/\r?\n[ \t]*\r?\n/)
    const [body = ""] = lines.join("\n").split(/^[=-]/m)
    try {
        return base64.decode(body.replaceAll(/\s/g, ""))
    } catch {
        return new Uint8Array()
    }
}

const publicKeyTag = 6
const publicSubkeyTag = 14

/** The fingerprints of keys of version 4, in order: SHA-1 of 0x99, the length and the packet (RFC 9580, 5.5.4.2). */
function fingerprintsOf(bytes: Uint8Array): string[] {
    const found: string[] = []
    for (let at = 0; at < bytes.length;) {
        const header = readHeader(bytes, at)
        if (header === null || header.end > bytes.length) return []
        const body = bytes.subarray(header.start, header.end)
        if (header.tag === publicKeyTag || header.tag === publicSubkeyTag) {
            const length = Uint8Array.of(0x99, body.length >> 8, body.length & 0xff)
            found.push(bytesToHex(sha1(concatBytes(length, body))))
        }
        at = header.end
    }
    return found
}

interface PacketHeader {
    readonly tag: number
    /** Where the packet's body begins and ends. */
    readonly start: number
    readonly end: number
}

/** Reads a header of the new or the older form, of definite length; null: any other. */
function readHeader(bytes: Uint8Array, at: number): PacketHeader | null {
    const number = (from: number, count: number) =>
        bytes.subarray(from, from + count).reduce((sum, byte) => sum * 256 + byte, 0)
    const packet = (tag: number, start: number, length: number) => ({ tag, start, end: start + length })
    const [first = 0, second = 0] = bytes.subarray(at, at + 2)
    if ((first & 0x80) === 0) return null
    if ((first & 0x40) === 0) {
        const lengthBytes = [1, 2, 4][first & 3]
        if (lengthBytes === undefined) return null
        return packet((first >> 2) & 15, at + 1 + lengthBytes, number(at + 1, lengthBytes))
    }
    if (second < 192) return packet(first & 63, at + 2, second)
    if (second < 224) return packet(first & 63, at + 3, number(at + 1, 2) - 192 * 256 + 192)
    return second === 255 ? packet(first & 63, at + 6, number(at + 2, 4)) : null
}
