/**
 * Defines a partner's keys: public age recipients for copies, and OpenPGP keys for mail.
 *
 * The first key is usable at once. A later key waits a day, so that the partner's other people can object: an intruder
 * with a lead's session cannot read new copies at once. After a loss of keys, two staff members can activate one
 * early. Each key ends at its own end or at the program's maximum.
 */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

interface KeyRecord {
    readonly id: string
    readonly partner: string
    readonly addedBy: string
    readonly addedAt: Instant
    readonly usableFrom: Instant
    /** Half-open: from this instant on no copies are sealed to it. */
    readonly expiresAt: Instant
    readonly revokedAt: Instant | null
}

/** An age key of a partner. */
export interface PartnerKey extends KeyRecord {
    /** `age1…` */
    readonly recipient: string
    /** When its test copy was first opened; null: never. */
    readonly testedAt: Instant | null
    /** When two staff members activated it early; null: not. */
    readonly activatedEarlyAt: Instant | null
}

/** Whether a release can be sealed for a partner, and whether a key was ever tested. */
export const readinesses = ["ready", "untested", "no_key"] as const

/** Whether a partner has a usable key, and has ever opened its test copy. */
export type Readiness = (typeof readinesses)[number]

/** Readiness by the partner's present keys. */
export function readinessAt(keys: readonly PartnerKey[], instant: Instant): Readiness {
    const usable = keys.filter((key) => isUsable(key, instant))
    if (usable.length === 0) return "no_key"
    return usable.some(({ testedAt }) => testedAt !== null) ? "ready" : "untested"
}

/** An OpenPGP key for mail, with the same rules. */
export interface PartnerMailKey extends KeyRecord {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    /** When encryption to it first failed. */
    readonly failedAt: Instant | null
}

/** Maximum number of keys that are neither revoked nor expired, which is also the number of recipients of a copy. */
export const keysMax = 4

export const laterKeyDelayMs = dayMs

/** When a new key becomes usable. `earlierKeys`: all keys that the partner ever had, revoked ones included. */
export function usableFrom(earlierKeys: readonly KeyRecord[], now: Instant): Instant {
    return earlierKeys.length === 0 ? now : now + laterKeyDelayMs
}

/**
 * End of a key: as requested (null: the latest), after it becomes usable and at most `daysMax` days later. Refuses
 * `key.bad_end`.
 */
export function keyEnd(request: Instant | null, from: Instant, daysMax: number): Instant {
    const latest = from + daysMax * dayMs
    if (request === null) return latest
    if (!(request > from && request <= latest)) {
        const line = `this key ends after \`${formatInstant(from)}\`, and at \`${formatInstant(latest)}\` at the latest`
        refuse("invalid", "key.bad_end", line, { from: formatInstant(from), latest: formatInstant(latest) })
    }
    return request
}

/** Returns whether copies may be sealed to a key at an instant. */
export function isUsable(key: KeyRecord, instant: Instant): boolean {
    return key.usableFrom <= instant && !isEnded(key, instant)
}

/** Whether the waiting time of the key is over. */
export function hasWaited(key: PartnerKey, instant: Instant): boolean {
    return key.usableFrom === key.addedAt || key.activatedEarlyAt !== null || key.usableFrom <= instant
}

/**
 * Refuses an early activation that is not needed or not safe: the key is usable, over or untested, or the partner has
 * another usable key.
 */
export function assertCanActivateEarly(key: PartnerKey, partnerKeys: readonly PartnerKey[], now: Instant): void {
    if (isEnded(key, now)) refuse("conflict", "key.not_usable", "this key was revoked or has expired: use another key")
    if (key.usableFrom <= now)
        refuse("conflict", "key.already_usable", "this key is already usable: no activation is needed")
    if (partnerKeys.some((partnerKey) => isUsable(partnerKey, now))) {
        refuse("conflict", "key.other_key_usable", "the partner has another usable key: wait until this one is usable")
    }
    if (key.testedAt === null) {
        refuse("conflict", "key.not_tested", "this key is not tested: the partner must open its test copy first")
    }
}

/** Whether the key is revoked or expired. */
export function isEnded(key: KeyRecord, instant: Instant): boolean {
    return isRevoked(key, instant) || key.expiresAt <= instant
}

/** Returns whether a key is revoked at an instant. */
export function isRevoked(key: KeyRecord, instant: Instant): boolean {
    return key.revokedAt !== null && key.revokedAt <= instant
}
