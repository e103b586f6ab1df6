/** Reads pasted public keys of machines: JWK (RFC 7517), JWKS, or a thumbprint (RFC 7638). Pure. */
import { t } from "../../messages/message.ts"

/** A public key as the server takes it. */
export interface PublicKey {
    readonly kty: "EC" | "OKP"
    readonly crv: "P-256" | "Ed25519"
    readonly x: string
    readonly y?: string
    readonly kid?: string
}

/** The keys, or the error in the text. */
export interface PastedKeys {
    readonly keys: readonly PublicKey[]
    readonly fault: string | null
}

const keysMax = 2
const isThumbprint = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text)

/** Reads a JWK, a list of JWKs or a JWKS. Members that the server does not take are left out. */
export function publicKeysIn(text: string): PastedKeys {
    const entries = entriesIn(text)
    if (entries === null) return faulty(t("this is not a JWK: paste it as JSON"))
    // Of EC, OKP and RSA keys, and of symmetric ones.
    if (entries.some((entry) => "d" in entry || "k" in entry))
        return faulty(t("this is a private key: paste the public one only"))
    if (entries.length === 0 || entries.length > keysMax) return faulty(t("paste one or two keys"))
    const keys = entries.map(publicKeyOf).filter((key) => key !== null)
    if (keys.length < entries.length) return faulty(t("this is not a public key of P-256 or Ed25519"))
    return { keys, fault: null }
}

const faulty = (fault: string): PastedKeys => ({ keys: [], fault })

function entriesIn(text: string): Readonly<Record<string, unknown>>[] | null {
    try {
        const value = JSON.parse(text) as unknown
        const set = isObject(value) && Array.isArray(value["keys"]) ? value["keys"] : value
        const entries: unknown[] = Array.isArray(set) ? set : [set]
        return entries.every(isObject) ? entries : null
    } catch {
        return null
    }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null && !Array.isArray(value)

function publicKeyOf({ kty, crv, x, y, kid }: Readonly<Record<string, unknown>>): PublicKey | null {
    if (typeof x !== "string") return null
    const name = typeof kid === "string" ? { kid } : {}
    if (kty === "EC" && crv === "P-256" && typeof y === "string") return { kty, crv, x, y, ...name }
    if (kty === "OKP" && crv === "Ed25519") return { kty, crv, x, ...name }
    return null
}

/** The binding of a token to a key, as the server takes it: a thumbprint, or one public key. */
export function boundKeyIn(text: string): { readonly dpopKey: string } | { readonly dpopJwk: PublicKey } | object {
    const pasted = text.trim()
    if (isThumbprint(pasted)) return { dpopKey: pasted }
    const [dpopJwk] = publicKeysIn(pasted).keys
    return dpopJwk === undefined ? {} : { dpopJwk }
}

/** Returns the error in the key of a token; null: valid, or no key. */
export function boundKeyFault(text: string): string | null {
    const pasted = text.trim()
    if (pasted === "" || isThumbprint(pasted)) return null
    const { keys, fault } = publicKeysIn(pasted)
    return keys.length > 1 ? t("a token has one key: paste one") : fault
}

/** Returns the error in the hash of a certificate; null: valid, or no certificate. */
export function certificateFault(text: string): string | null {
    const pasted = text.trim()
    return pasted === "" || isThumbprint(pasted) ? null : t("enter 43 letters, digits, “-” or “_”")
}
