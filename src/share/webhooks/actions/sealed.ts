/** Where a webhook's boxes belong, by whose key calls are signed, and chance. */
import { formatPublicKey } from "../../../lib/standard-webhooks.ts"
import type { Keys } from "../../../platform/keys.ts"
import { type SigningKey, seedBytes, signingKeyFrom } from "../../../platform/signing.ts"
import type { Act } from "../../../trust/audit/actions.ts"

export const scopeOf = (partner: string): string => `partner:${partner}`
export const addressPlace = (id: string): string => `webhooks.address:${id}`
export const secretPlace = (id: string): string => `webhooks.secret:${id}`

/** The program's own, the same for every partner, for as long as the key file lives. */
export function programKey(keys: Keys): SigningKey {
    return signingKeyFrom(keys.derive("webhooks/ed25519", seedBytes))
}

/** `whpk_…` */
export function publicKeyOf({ doors }: Act): string {
    return formatPublicKey(programKey(doors.keys).publicKey)
}

/** From 0 up to 1. */
export function chanceOf({ doors }: Pick<Act, "doors">): number {
    return doors.random(4).readUInt32BE() / 2 ** 32
}
