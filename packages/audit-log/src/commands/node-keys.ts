/** Signs and verifies notes by Node's own Ed25519 and ML-DSA-44. */
import { type KeyObject, createPrivateKey, createPublicKey, sign, verify } from "node:crypto"
import type { Sign } from "../checkpoint.ts"
import { type NoteKey, type NoteKeyKind, type Verifiers, signatureLine } from "../note-keys.ts"

/** PKCS #8 around a bare seed of 32 bytes (RFC 8410; RFC 9881 with the seed alone). */
const pkcs8Starts = {
    ed25519: Buffer.from("302e020100300506032b657004220420", "hex"),
    mlDsa44: Buffer.from("3034020100300b060960864801650304031104228020", "hex"),
}

const algorithmOf = (kind: NoteKeyKind) => (kind === "ml_dsa_44" ? "mlDsa44" : "ed25519")

export interface SigningNoteKey extends NoteKey {
    readonly sign: Sign
}

/** The key of a seed of 32 bytes: always the same for the same seed. */
export function signingNoteKey(kind: NoteKeyKind, seed: Uint8Array, nameOf: (publicKey: Uint8Array) => string) {
    const der = Buffer.concat([pkcs8Starts[algorithmOf(kind)], seed])
    const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
    const publicKey = publicBytes(createPublicKey(secret))
    const key: SigningNoteKey = { kind, publicKey, name: nameOf(publicKey), sign: (text) => sign(null, text, secret) }
    return key
}

function publicBytes(key: KeyObject): Uint8Array {
    const { x, pub } = key.export({ format: "jwk" })
    return new Uint8Array(Buffer.from(x ?? String(pub), "base64url"))
}

/** `time` is in seconds since 1970. */
export const signWith = (text: string, key: SigningNoteKey, time: number): string =>
    signatureLine(text, key, time, key.sign)

function verifyAs(jwkOf: (publicKey: string) => Record<string, string>): Verifiers["ed25519"] {
    return (publicKey, message, signature) => {
        try {
            const key = jwkOf(Buffer.from(publicKey).toString("base64url"))
            return verify(null, message, createPublicKey({ key, format: "jwk" }), signature)
        } catch {
            return false
        }
    }
}

/** A malformed key or signature gives false. */
export const nodeVerifiers: Verifiers = {
    ed25519: verifyAs((x) => ({ kty: "OKP", crv: "Ed25519", x })),
    mlDsa44: verifyAs((pub) => ({ kty: "AKP", alg: "ML-DSA-44", pub })),
}
