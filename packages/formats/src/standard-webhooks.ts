/**
 * Signatures of webhooks, as the specification Standard Webhooks 1.0 has them: `v1`, HMAC-SHA256 by a secret that both
 * sides have, and `v1a`, Ed25519 by a key whose public half everybody has. What is signed is `id.timestamp.body`.
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
    readonly signs: readonly Sign[]
}

/** `webhook-id`, `webhook-timestamp`, and in `webhook-signature` one `v1` for each secret and then one `v1a` for each key. */
export function headersOf(message: Message, { secrets, signs }: SigningKeys): Record<string, string> {
    const signed = signedBytes(message)
    const signatures = [
        ...secrets.map((secret) => `v1,${base64.encode(hmac(sha256, secret, signed))}`),
        ...signs.map((sign) => `v1a,${base64.encode(sign(signed))}`),
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

/** `whsec_…`: as it is shown to whoever verifies by it. */
export function formatSecret(secret: Uint8Array): string {
    return `whsec_${base64.encode(secret)}`
}

/** `whpk_…`: an Ed25519 key of 32 bytes. */
export function formatPublicKey(key: Uint8Array): string {
    return `whpk_${base64.encode(key)}`
}
