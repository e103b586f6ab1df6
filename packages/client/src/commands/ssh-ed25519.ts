/**
 * Encrypts and decrypts the key of an age file for an SSH key of type Ed25519, as `agessh` of the age program does:
 * X25519 with the key's Montgomery form, and a tweak that binds the SSH key.
 */
import {
    createCipheriv,
    createDecipheriv,
    createHash,
    createPrivateKey,
    createPublicKey,
    diffieHellman,
    hkdfSync,
    randomBytes,
} from "node:crypto"
import { base64nopad } from "@scure/base"
import { type Identity, type Recipient, Stanza } from "age-encryption"
import { type SshKey, parseSshKey, sshBlob, sshRecipient } from "../ssh-recipient.ts"

export const stanzaType = "ssh-ed25519"
/** The first bytes of the SHA-256 of the SSH key, by which its owner finds the stanza. */
export const fingerprintBytes = 4
const label = "age-encryption.org/v1/ssh-ed25519"
const cipher = "chacha20-poly1305"
const tagBytes = 16
const wrappedBytes = 32
const noNonce = Buffer.alloc(12)
const prime = 2n ** 255n - 19n
const curveD = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
const privatePrefix = Buffer.from("302e020100300506032b656e04220420", "hex")
const publicPrefix = Buffer.from("302a300506032b656e032100", "hex")

/** The age recipient of an SSH key; null where the text is none, or not a point of the curve. */
export function sshEncrypter(text: string): Recipient | null {
    const key = parseSshKey(text)
    const point = key && montgomeryOf(key.bytes)
    if (key === null || point === null || !hasSharedSecret(point)) return null
    return {
        wrapFileKey: (fileKey) => {
            const ephemeral = randomBytes(32)
            const share = x25519(ephemeral, basePoint)
            const wrapped = encrypt(wrapKey(x25519(ephemeral, point), key, share, point), fileKey)
            return [new Stanza([stanzaType, fingerprintOf(key), base64nopad.encode(share)], wrapped)]
        },
    }
}

/** The age identity of an Ed25519 seed, and its recipient. */
export function sshIdentity(seed: Uint8Array, publicKey: Uint8Array): Identity & { readonly recipient: string } {
    const scalar = createHash("sha512").update(seed).digest().subarray(0, 32)
    const point = x25519(scalar, basePoint)
    const key = { bytes: publicKey, blob: sshBlob(publicKey) }
    return {
        recipient: sshRecipient(publicKey),
        unwrapFileKey: (stanzas) => {
            for (const { args, body } of stanzas) {
                const [name, fingerprint, encoded = ""] = args
                if (name !== stanzaType || fingerprint !== fingerprintOf(key) || body.length !== wrappedBytes) continue
                const share = base64nopad.decode(encoded)
                if (share.length !== 32) throw new Error("invalid ssh-ed25519 stanza")
                return decrypt(wrapKey(x25519(scalar, share), key, share, point), body)
            }
            return null
        },
    }
}

const fingerprintOf = ({ blob }: SshKey): string =>
    base64nopad.encode(createHash("sha256").update(blob).digest().subarray(0, fingerprintBytes))

function wrapKey(shared: Uint8Array, { blob }: SshKey, share: Uint8Array, point: Uint8Array): Buffer {
    const tweaked = x25519(hkdf(new Uint8Array(0), blob), shared)
    return hkdf(tweaked, Buffer.concat([share, point]))
}

const hkdf = (secret: Uint8Array, salt: Uint8Array): Buffer => Buffer.from(hkdfSync("sha256", secret, salt, label, 32))

const basePoint = Buffer.from([9, ...Array<number>(31).fill(0)])

function hasSharedSecret(point: Uint8Array): boolean {
    try {
        return x25519(randomBytes(32), point).length === 32
    } catch {
        return false
    }
}

/** Throws for a point without a shared secret. */
function x25519(scalar: Uint8Array, point: Uint8Array): Buffer {
    return diffieHellman({
        privateKey: createPrivateKey({ key: Buffer.concat([privatePrefix, scalar]), format: "der", type: "pkcs8" }),
        publicKey: createPublicKey({ key: Buffer.concat([publicPrefix, point]), format: "der", type: "spki" }),
    })
}

function encrypt(key: Buffer, plain: Uint8Array): Buffer {
    const encryption = createCipheriv(cipher, key, noNonce, { authTagLength: tagBytes })
    return Buffer.concat([encryption.update(plain), encryption.final(), encryption.getAuthTag()])
}

function decrypt(key: Buffer, body: Uint8Array): Uint8Array {
    const decryption = createDecipheriv(cipher, key, noNonce, { authTagLength: tagBytes })
    decryption.setAuthTag(body.subarray(-tagBytes))
    return new Uint8Array(Buffer.concat([decryption.update(body.subarray(0, -tagBytes)), decryption.final()]))
}

/** The u-coordinate of an Ed25519 public key, (1 + y) / (1 - y); null where it is not a point of the curve. */
function montgomeryOf(bytes: Uint8Array): Uint8Array | null {
    const littleEndian = Buffer.from(bytes).reverse()
    littleEndian[0] = (littleEndian[0] ?? 0) & 0x7f
    const y = BigInt(`0x${littleEndian.toString("hex")}`)
    if (y >= prime) return null
    const [above, below] = [mod(y * y - 1n), mod(curveD * y * y + 1n)]
    const square = mod(above * power(below, prime - 2n))
    if (square !== 0n && power(square, (prime - 1n) / 2n) !== 1n) return null
    const u = mod((1n + y) * power(mod(1n - y), prime - 2n))
    return new Uint8Array(Buffer.from(u.toString(16).padStart(64, "0"), "hex").reverse())
}

const mod = (value: bigint): bigint => ((value % prime) + prime) % prime

function power(base: bigint, exponent: bigint): bigint {
    let [result, square] = [1n, mod(base)]
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
        if (rest & 1n) result = mod(result * square)
        square = mod(square * square)
    }
    return result
}
