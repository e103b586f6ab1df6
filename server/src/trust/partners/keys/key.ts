/**
 * A partner's keys: public age recipients that its copies are sealed for, and OpenPGP keys for its mail.
 *
 * The first is usable at once. Every later one waits a day, in which the partner's other persons can see it and
 * object: who has taken over a lead's session cannot read at once what is sealed from then on. Where a partner has lost
 * what it had, two persons of the program can let one off the rest of its day.
 * Each has an end, from which on nothing is sealed to it: the one it was given, or the most that the program allows.
 */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

interface Kept {
    readonly id: string
    readonly partner: string
    readonly addedBy: string
    readonly addedAt: Instant
    readonly usableFrom: Instant
    /** Half-open: at this instant nothing is sealed to it any more. */
    readonly expiresAt: Instant
    readonly revokedAt: Instant | null
}

export interface PartnerKey extends Kept {
    /** `age1…` */
    readonly recipient: string
    /** When a test copy was opened with it, first; null: never. */
    readonly testedAt: Instant | null
    /** When two persons of the program let it off the rest of its day; null: nobody did. */
    readonly activatedEarlyAt: Instant | null
}

/** Whether what falls at an instant can be sealed for a partner, and whether it was ever seen to open anything. */
export const readinesses = ["ready", "untried", "no key"] as const
export type Readiness = (typeof readinesses)[number]

/** By the keys that the partner has now. */
export function readinessAt(keys: readonly PartnerKey[], instant: Instant): Readiness {
    const usable = keys.filter((key) => isUsable(key, instant))
    if (usable.length === 0) return "no key"
    return usable.some(({ testedAt }) => testedAt !== null) ? "ready" : "untried"
}

/** An OpenPGP key that mail is encrypted to; the same rules hold of it. */
export interface PartnerMailKey extends Kept {
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    /** When it could not be encrypted to, first. */
    readonly failedAt: Instant | null
}

/** How many keys a partner can have that are neither revoked nor expired: as many as a copy is sealed for. */
export const keysMax = 4

export const laterKeyWaitsMs = dayMs

/** From when a new key is usable. `had`: every key the partner ever had, the revoked ones too. */
export function usableFrom(had: readonly Kept[], now: Instant): Instant {
    return had.length === 0 ? now : now + laterKeyWaitsMs
}

/** When a key ends: as asked for (null: as late as can be), after it became usable and within `daysMax` of that. */
export function keyEnd(request: Instant | null, from: Instant, daysMax: number): Instant {
    const latest = from + daysMax * dayMs
    if (request === null) return latest
    if (!(request > from && request <= latest)) {
        const line = `this key ends after \`${formatInstant(from)}\`, and at \`${formatInstant(latest)}\` at the latest`
        refuse("invalid", "key.bad_end", line)
    }
    return request
}

export function isUsable(key: Kept, instant: Instant): boolean {
    return key.usableFrom <= instant && !isOver(key, instant)
}

/** Whether its day is over, of one that waits at all. */
export function hasWaited(key: PartnerKey, instant: Instant): boolean {
    return key.usableFrom === key.addedAt || key.activatedEarlyAt !== null || key.usableFrom <= instant
}

/**
 * Refuses to let a key off its day where that helps nobody: one that is usable or over, one that nobody has seen to open
 * anything, and one of a partner that has another. `all`: every key of the partner.
 */
export function assertNeeded(key: PartnerKey, partnerKeys: readonly PartnerKey[], now: Instant): void {
    if (isOver(key, now)) refuse("conflict", "key.not_usable", "this key was revoked, or has expired")
    if (key.usableFrom <= now) refuse("conflict", "key.already_usable", "this key is usable already")
    if (partnerKeys.some((partnerKey) => isUsable(partnerKey, now))) {
        refuse("conflict", "key.other_key_usable", "the partner has a key that is usable: this one waits its day")
    }
    if (key.testedAt === null) {
        refuse("conflict", "key.not_tested", "nobody has opened a test copy with this key: the partner does that first")
    }
}

/** Whether it was revoked or has expired. */
export function isOver(key: Kept, instant: Instant): boolean {
    return isRevoked(key, instant) || key.expiresAt <= instant
}

export function isRevoked(key: Kept, instant: Instant): boolean {
    return key.revokedAt !== null && key.revokedAt <= instant
}
