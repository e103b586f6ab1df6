/** Signs JSON Web Tokens (RFC 7519) with P-256 keys in Web Crypto, in browsers and on servers. */
import { base64urlnopad } from "@scure/base"
import { refuse } from "@tocsin/base/refusal"

/** A P-256 key as JWK (RFC 7517), as the portal takes it. */
export interface PublicJwk {
    readonly kty: "EC"
    readonly crv: "P-256"
    readonly x: string
    readonly y: string
}

/** The same with its private part. */
export interface PrivateJwk extends PublicJwk {
    readonly d: string
}

/** A key that signs tokens. */
export interface SigningKey {
    readonly publicJwk: PublicJwk
    /** Returns the signed token in its compact form. */
    readonly sign: (header: object, claims: object) => Promise<string>
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }

/** Makes a new key. */
export async function createSigningKey(): Promise<PrivateJwk> {
    const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
    const { x = "", y = "", d = "" } = await crypto.subtle.exportKey("jwk", privateKey)
    return { kty: "EC", crv: "P-256", x, y, d }
}

/** Reads a private key. Refuses `client.bad_signing_key` for anything else. */
export async function importSigningKey(jwk: unknown): Promise<SigningKey> {
    const { kty, crv, x, y, d } = (jwk ?? {}) as Readonly<Record<string, unknown>>
    const isFit = kty === "EC" && crv === "P-256"
    if (!isFit || typeof x !== "string" || typeof y !== "string" || typeof d !== "string") return refuseKey()
    const publicJwk: PublicJwk = { kty, crv, x, y }
    const key = await crypto.subtle
        .importKey("jwk", { ...publicJwk, d }, algorithm, false, ["sign"])
        .catch(() => refuseKey())
    return {
        publicJwk,
        sign: async (header, claims) => {
            const text = `${encodeJson({ alg: "ES256", ...header })}.${encodeJson(claims)}`
            const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(text))
            return `${text}.${base64urlnopad.encode(new Uint8Array(signature))}`
        },
    }
}

function refuseKey(): never {
    refuse("invalid", "client.bad_signing_key", "this is not a private P-256 key as JWK: run `tocsin keys dpop`")
}

/** The thumbprint of a public key (RFC 7638). */
export const thumbprintOf = ({ crv, kty, x, y }: PublicJwk): Promise<string> =>
    digestOf(JSON.stringify({ crv, kty, x, y }))

/** SHA-256 of a text, in base64url. */
export async function digestOf(text: string): Promise<string> {
    return base64urlnopad.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))))
}

const encodeJson = (value: object): string => base64urlnopad.encode(new TextEncoder().encode(JSON.stringify(value)))
