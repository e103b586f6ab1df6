/** Key scopes of webhook ciphertexts, the keys that sign calls, and random delays. */
import { formatPublicKey } from "@tocsin/formats/standard-webhooks"
import { type SigningKey, seedBytes, signingKeyFrom } from "../../../platform/crypto/ed25519.ts"
import { encryptBytes, decryptBytes } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"

export const scopeOf = (partner: string): string => `partner:${partner}`
export const addressPlace = (id: string): string => `webhooks.address:${id}`
export const secretPlace = (id: string): string => `webhooks.secret:${id}`
const signingPlace = (id: string): string => `webhooks.signing:${id}`

interface WebhookRef {
    readonly id: string
    readonly partner: string
}

/**
 * Creates a key pair for one webhook only, so that recipients cannot detect whether two webhooks belong to one partner.
 */
export async function createSigningKey(
    { tx, services }: ActionContext,
    { id, partner }: WebhookRef,
): Promise<{ readonly publicKey: string; readonly ciphertext: Buffer }> {
    const seed = services.random(seedBytes)
    const ciphertext = await encryptBytes(tx, services.keys, scopeOf(partner), signingPlace(id), seed)
    return { publicKey: formatPublicKey(signingKeyFrom(seed).publicKey), ciphertext }
}

/** Decrypts a signing key. */
export async function loadSigningKey(
    { tx, services }: ActionContext,
    { id, partner }: WebhookRef,
    ciphertext: Buffer,
): Promise<SigningKey> {
    return signingKeyFrom(await decryptBytes(tx, services.keys, scopeOf(partner), signingPlace(id), ciphertext))
}

/** Returns a random number from 0 up to 1. */
export function randomFraction({ services }: Pick<ActionContext, "services">): number {
    return services.random(4).readUInt32BE() / 2 ** 32
}
