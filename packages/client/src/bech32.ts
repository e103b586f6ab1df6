/** Reads Bech32 (BIP 173) without BIP 173's limit of 90 characters, as the age format uses it. */
import { bech32 } from "@scure/base"

const charsMax = 4096

/** Decodes a text into prefix and bytes. Null for anything else, including mixed case and non-zero padding bits. */
export function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Uint8Array } | null {
    const read = bech32.decodeUnsafe(text, charsMax)
    const bytes = read && bech32.fromWordsUnsafe(read.words)
    return read && bytes ? { prefix: read.prefix, bytes } : null
}
