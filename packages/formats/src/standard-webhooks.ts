/**
 * Signs webhooks by the specification Standard Webhooks 1.0.
 *
 * `v1` is HMAC-SHA256 by a shared secret. `v1a` is Ed25519 by a key whose public half is published. The signed text
 * is `id.timestamp.body`.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { concatBytes } from "@noble/hashes/utils.js"
import { base64 } from "@scure/base"

type Sign = (message: Uint8Array) => Uint8Array

/** A message of the Standard Webhooks specification. */
export interface Message {
    /** The same at every try: by it a receiver knows that it had the message. Without a dot. */
    readonly id: string
    /** Seconds since 1970, of this try. */
    readonly timestamp: number
    readonly body: Uint8Array
}

/** The keys that sign a message. Each gives one signature. */
export interface SigningKeys {
    /** While they are rotated, the old ones too. */
    readonly secrets: readonly Uint8Array[]
    readonly signers: readonly Sign[]
}

/**
 * Returns the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`. The signature has one `v1` for each
 * secret, then one `v1a` for each key.
 */
export function headersOf(message: Message, { secrets, signers }: SigningKeys): Record<string, string> {
    const signed = signedBytes(message)
    const signatures = [
        ...secrets.map((secret) => `v1,${base64.encode(hmac(sha256, secret, signed))}`),
        ...signers.map((sign) => `v1a,${base64.encode(sign(signed))}`),
    ]
    return {
        "webhook-id": message.id,
        "webhook-timestamp": String(message.timestamp),
        "webhook-signature": signatures.join(" "),
    }
}

function signedBytes({ id, timestamp, body }: Message): Uint8Array {
    if (id.includes(".") || !Number.isSafeInteger(timestamp))
        throw new Error("what is signed could be read in two ways")
    return concatBytes(new TextEncoder().encode(`${id}.${timestamp}.`), body)
}

/** Returns a secret in the form in which receivers configure it: `whsec_…`. */
export function formatSecret(secret: Uint8Array): string {
    return `whsec_${base64.encode(secret)}`
}

/** `whpk_…`: an Ed25519 key of 32 bytes. */
export function formatPublicKey(key: Uint8Array): string {
    return `whpk_${base64.encode(key)}`
}
