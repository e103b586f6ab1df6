/** The OpenPGP keys that sign what the program publishes: one signs now, and former ones have signed before. */
import { type Instant, dayMs } from "@tocsin/base/instant"

export interface PublisherKey {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    /** The armoured public key, with its revocation if it was revoked. */
    readonly publicText: string
    readonly createdAt: Instant
    /** Null for the key that signs. */
    readonly replacedAt: Instant | null
    readonly revokedAt: Instant | null
}

/** For so long, readers can verify a signature that they fetched before the replacement. */
const listedMs = 90 * dayMs

/**
 * Returns the keys that the provider metadata list: the one that signs, and former ones for 90 days after their
 * replacement, or after their revocation, so that readers get it.
 */
export function listedKeys<Key extends PublisherKey>(keys: readonly Key[], now: Instant): Key[] {
    return keys.filter((key) => key.replacedAt === null || now < listedUntil(key))
}

const listedUntil = ({ createdAt, replacedAt, revokedAt }: PublisherKey): Instant =>
    (revokedAt ?? replacedAt ?? createdAt) + listedMs

/** Returns when the listed keys last changed; null without a key. */
export function keysChangedAt(keys: readonly PublisherKey[], now: Instant): Instant | null {
    const instants = keys.flatMap((key) => [
        key.createdAt,
        key.revokedAt ?? key.createdAt,
        key.replacedAt === null ? key.createdAt : listedUntil(key),
    ])
    const past = instants.filter((at) => at <= now)
    return past.length === 0 ? null : Math.max(...past)
}
