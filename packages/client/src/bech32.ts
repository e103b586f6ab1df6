/** Reads and writes Bech32 (BIP 173) without BIP 173's limit of 90 characters, as the age format uses it. */
import { bech32 } from "@scure/base"

const charsMax = 4096

/** Decodes a text into prefix and bytes. Null for anything else, including mixed case and non-zero padding bits. */
export function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Uint8Array } | null {
    const decoded = bech32.decodeUnsafe(text, charsMax)
    const bytes = decoded && bech32.fromWordsUnsafe(decoded.words)
    return decoded && bytes ? { prefix: decoded.prefix, bytes } : null
}

/** Encodes bytes under a lower-case prefix. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
    return bech32.encode(prefix, bech32.toWords(bytes), charsMax)
}
