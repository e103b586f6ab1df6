/** SHA-256 in browsers. Node takes `sha256-node.ts` instead: `imports` in package.json says which file is `#sha256`. */
import { sha256 as hashBytes } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"

/** Hashes bytes, or the UTF-8 of a text, to 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
    return hashBytes(typeof data === "string" ? new TextEncoder().encode(data) : data)
}

/** Does what `sha256` does, and gives the hash in hex. */
export function sha256Hex(data: Uint8Array | string): string {
    return bytesToHex(sha256(data))
}
