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

/** For so long, readers can verify a signature that they fetched before the replacement (CSAF 2.0, section 7.1.19). */
const listedMs = 90 * dayMs

/** Returns the keys that the provider metadata list: without revoked ones, and former ones for 90 days. */
export function listedKeys<Key extends PublisherKey>(keys: readonly Key[], now: Instant): Key[] {
    return keys.filter(
        ({ replacedAt, revokedAt }) => replacedAt === null || (revokedAt === null && now < replacedAt + listedMs),
    )
}

/** Returns when the listed keys last changed; null without a key. */
export function keysChangedAt(keys: readonly PublisherKey[], now: Instant): Instant | null {
    const instants = keys.flatMap(({ createdAt, replacedAt, revokedAt }) => [
        createdAt,
        revokedAt ?? createdAt,
        replacedAt !== null && revokedAt === null ? replacedAt + listedMs : createdAt,
    ])
    const past = instants.filter((at) => at <= now)
    return past.length === 0 ? null : Math.max(...past)
}
