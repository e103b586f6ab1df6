/**
 * A partner's keys: public age recipients that its copies are sealed for.
 *
 * The first is usable at once. Every later one waits a day, in which the partner's other persons can see it and
 * object: who has taken over a lead's session cannot read at once what is sealed from then on.
 */
import { type Instant, dayMs } from "../../lib/instant.ts"

export interface PartnerKey {
    readonly id: string
    readonly partner: string
    /** `age1…` */
    readonly recipient: string
    readonly addedBy: string
    readonly addedAt: Instant
    readonly usableFrom: Instant
    readonly revokedAt: Instant | null
}

/** How many keys a partner can have that are not revoked: as many as a copy is sealed for. */
export const keysMax = 4

export const laterKeyWaitsMs = dayMs

/** From when a new key is usable. `had`: every key the partner ever had, the revoked ones too. */
export function usableFrom(had: readonly PartnerKey[], now: Instant): Instant {
    return had.length === 0 ? now : now + laterKeyWaitsMs
}

export function isUsable(key: PartnerKey, instant: Instant): boolean {
    return key.usableFrom <= instant && !isRevoked(key, instant)
}

export function isRevoked(key: PartnerKey, instant: Instant): boolean {
    return key.revokedAt !== null && key.revokedAt <= instant
}
