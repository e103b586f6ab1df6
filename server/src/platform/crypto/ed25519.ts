/** Ed25519 (RFC 8032) by Node. Checkpoints of the audit log are signed with it. */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto"
import type { Sign, VerifySignature } from "@tocsin/audit-log/checkpoint"

export interface SigningKey {
    /** 32 bytes, as RFC 8032 encodes it. */
    readonly publicKey: Uint8Array
    readonly sign: Sign
}

export const seedBytes = 32
/** PKCS #8 around a bare Ed25519 seed (RFC 8410). */
const pkcs8Start = Buffer.from("302e020100300506032b657004220420", "hex")

/** Returns the key of a seed of 32 bytes: always the same key for the same seed. */
export function signingKeyFrom(seed: Uint8Array): SigningKey {
    if (seed.length !== seedBytes) throw new Error("an Ed25519 seed has 32 bytes")
    const key = createPrivateKey({ key: Buffer.concat([pkcs8Start, seed]), format: "der", type: "pkcs8" })
    const { x = "" } = createPublicKey(key).export({ format: "jwk" })
    return { publicKey: Buffer.from(x, "base64url"), sign: (message) => sign(null, message, key) }
}

export const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
    try {
        const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") }
        return verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature)
    } catch {
        return false
    }
}
