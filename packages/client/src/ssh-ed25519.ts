/**
 * Encrypts and decrypts the key of an age file for an SSH key of type Ed25519, as `agessh` of the age program does:
 * X25519 with the key's Montgomery form, and a tweak that binds the SSH key.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js"
import { ed25519, x25519 } from "@noble/curves/ed25519.js"
import { hkdf } from "@noble/hashes/hkdf.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js"
import { base64nopad } from "@scure/base"
import { type Identity, type Recipient, Stanza } from "age-encryption"
import { type SshKey, parseSshKey, sshBlob, sshRecipient } from "./ssh-recipient.ts"

const stanzaType = "ssh-ed25519"
/** The first bytes of the SHA-256 of the SSH key, by which its owner finds the stanza. */
export const fingerprintBytes = 4
const label = utf8ToBytes("age-encryption.org/v1/ssh-ed25519")
const wrappedBytes = 32
const noNonce = new Uint8Array(12)

/** The age recipient of an SSH key; null where the text is none, or its key has no shared secret. */
export function sshEncrypter(text: string): Recipient | null {
    const key = parseSshKey(text)
    const point = key && montgomeryOf(key.bytes)
    if (key === null || point === null) return null
    return {
        wrapFileKey: (fileKey) => {
            const ephemeral = x25519.utils.randomSecretKey()
            const share = x25519.getPublicKey(ephemeral)
            const wrap = wrapKey(x25519.getSharedSecret(ephemeral, point), key, share, point)
            const wrapped = chacha20poly1305(wrap, noNonce).encrypt(fileKey)
            return [new Stanza([stanzaType, fingerprintOf(key), base64nopad.encode(share)], wrapped)]
        },
    }
}

/** The age identity of an Ed25519 seed, and its recipient. */
export function sshIdentity(seed: Uint8Array, publicKey: Uint8Array): Identity & { readonly recipient: string } {
    const scalar = ed25519.utils.toMontgomerySecret(seed)
    const point = x25519.getPublicKey(scalar)
    const key = { bytes: publicKey, blob: sshBlob(publicKey) }
    return {
        recipient: sshRecipient(publicKey),
        unwrapFileKey: (stanzas) => {
            for (const { args, body } of stanzas) {
                const [name, fingerprint, encoded = ""] = args
                if (name !== stanzaType || fingerprint !== fingerprintOf(key) || body.length !== wrappedBytes) continue
                const share = base64nopad.decode(encoded)
                if (share.length !== 32) throw new Error("invalid ssh-ed25519 stanza")
                const wrap = wrapKey(x25519.getSharedSecret(scalar, share), key, share, point)
                return chacha20poly1305(wrap, noNonce).decrypt(body)
            }
            return null
        },
    }
}

const fingerprintOf = ({ blob }: SshKey): string => base64nopad.encode(sha256(blob).subarray(0, fingerprintBytes))

function wrapKey(shared: Uint8Array, { blob }: SshKey, share: Uint8Array, point: Uint8Array): Uint8Array {
    const tweak = hkdf(sha256, new Uint8Array(0), blob, label, 32)
    return hkdf(sha256, x25519.scalarMult(tweak, shared), concatBytes(share, point), label, 32)
}

/** The X25519 public key of an Ed25519 one; null where it is not a point of the curve, or has no shared secret. */
function montgomeryOf(bytes: Uint8Array): Uint8Array | null {
    try {
        const point = ed25519.utils.toMontgomery(bytes)
        x25519.getSharedSecret(x25519.utils.randomSecretKey(), point)
        return point
    } catch {
        return null
    }
}
