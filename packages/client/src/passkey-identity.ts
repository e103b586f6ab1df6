/**
 * Derives an age identity from a passkey: from the output of its pseudo-random function (WebAuthn `prf` extension).
 *
 * The same passkey gives the same identity in each browser. docs/design/0067 has the derivation, which never changes.
 */
import { hkdf } from "@noble/hashes/hkdf.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import { encodeBech32 } from "./bech32.ts"

const bytes = 32

/** The input at which the passkey's function is evaluated. */
export const passkeyInput = (): Uint8Array<ArrayBuffer> => new TextEncoder().encode("tocsin/copies/prf/v1")

/** Returns the X25519 identity `AGE-SECRET-KEY-1…` of this output. Throws if it does not have 32 bytes. */
export function identityFromPasskey(output: Uint8Array): string {
    if (output.length !== bytes) throw new Error(`the output of a passkey has ${bytes} bytes`)
    const info = utf8ToBytes("tocsin/copies/age-x25519/v1")
    return encodeBech32("age-secret-key-", hkdf(sha256, output, undefined, info, bytes)).toUpperCase()
}
