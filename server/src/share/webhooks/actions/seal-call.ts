/** Where a webhook's boxes belong, by whose keys calls are signed, and chance. */
import { formatPublicKey } from "@tocsin/formats/standard-webhooks"
import type { Keys } from "../../../platform/crypto/keys.ts"
import { type SigningKey, seedBytes, signingKeyFrom } from "../../../platform/crypto/signing.ts"
import { sealBytes, unsealBytes } from "../../../platform/crypto/vault.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"

export const scopeOf = (partner: string): string => `partner:${partner}`
export const addressPlace = (id: string): string => `webhooks.address:${id}`
export const secretPlace = (id: string): string => `webhooks.secret:${id}`
const signingPlace = (id: string): string => `webhooks.signing:${id}`

interface Whose {
    readonly id: string
    readonly partner: string
}

/**
 * A key pair that no other webhook has: whoever verifies by one learns nothing of another, and cannot tell two partners' calls to
 * be of one.
 */
export async function loadNewSigningKey(
    { tx, services }: ActionContext,
    { id, partner }: Whose,
): Promise<{ readonly publicKey: string; readonly box: Buffer }> {
    const seed = services.random(seedBytes)
    const box = await sealBytes(tx, services.keys, scopeOf(partner), signingPlace(id), seed)
    return { publicKey: formatPublicKey(signingKeyFrom(seed).publicKey), box }
}

/** Null: it was made before each had its own, and the program's signs for it until its secret is rotated. */
export async function loadSigningKey(
    { tx, services }: ActionContext,
    { id, partner }: Whose,
    box: Buffer | null,
): Promise<SigningKey> {
    if (box === null) return programKey(services.keys)
    return signingKeyFrom(await unsealBytes(tx, services.keys, scopeOf(partner), signingPlace(id), box))
}

/** The same for every partner, for as long as the key file lives. */
function programKey(keys: Keys): SigningKey {
    return signingKeyFrom(keys.derive("webhooks/ed25519", seedBytes))
}

/** `whpk_…`: the program's. */
export function programPublicKey({ services }: ActionContext): string {
    return formatPublicKey(programKey(services.keys).publicKey)
}

/** From 0 up to 1. */
export function chanceOf({ services }: Pick<ActionContext, "services">): number {
    return services.random(4).readUInt32BE() / 2 ** 32
}
