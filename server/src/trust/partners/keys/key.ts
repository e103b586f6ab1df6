/**
 * Defines a partner's keys: age recipients and OpenPGP certificates for copies, and OpenPGP keys for mail.
 *
 * The first key for copies is usable at once. A later one is not usable until a usable key of the partner confirms
 * it, or two staff members accept it. So an intruder with a lead's session cannot read new copies. A later key for mail
 * waits a day, so that the partner's other people can object. Each key ends at its own end or at the program's maximum.
 */
import { type Instant, dayMs, formatInstant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type SealedFormat, formatOf } from "@tocsin/client/sealed-format"

interface KeyRecord {
    readonly id: string
    readonly partner: string
    readonly addedBy: string
    readonly addedAt: Instant
    /** Null: neither confirmed nor accepted yet. */
    readonly usableFrom: Instant | null
    /** Half-open: from this instant on no copies are sealed to it. */
    readonly expiresAt: Instant
    readonly revokedAt: Instant | null
}

/** A key of a partner for copies. */
export interface PartnerKey extends KeyRecord {
    /** `age1…`, `ssh-ed25519 …`, or `openpgp:PRIMARY/SUBKEY` with the fingerprints of a certificate. */
    readonly recipient: string
    /** When its test copy was first opened; null: never. */
    readonly testedAt: Instant | null
    /** The key that confirmed it; null: none did. */
    readonly confirmedBy: string | null
    readonly confirmedAt: Instant | null
    /** When two staff members accepted it; null: they did not. */
    readonly acceptedAt: Instant | null
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

/** An OpenPGP key for mail. The first is usable at once, and a later one after a day. */
export interface PartnerMailKey extends KeyRecord {
    readonly usableFrom: Instant
    /** Hexadecimal, upper case. */
    readonly fingerprint: string
    /** When encryption to it first failed. */
    readonly failedAt: Instant | null
}

/** Maximum number of keys that are neither revoked nor expired, which is also the number of recipients of a copy. */
export const keysMax = 4

/** Characters of an armoured OpenPGP certificate. */
export const certificateCharsMax = 40_000

export const laterKeyDelayMs = dayMs

/** The earliest start of a new key. `earlierKeys`: all that the partner ever had, revoked ones included. */
export function earliestUse(earlierKeys: readonly KeyRecord[], now: Instant): Instant {
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
    return key.usableFrom !== null && key.usableFrom <= instant && !isEnded(key, instant)
}

/**
 * Whether the waiting time of the key is over at a trusted instant. A first key, a confirmed one, and one that was
 * accepted for use at once within a day of its addition did not wait.
 */
export function hasWaited(key: PartnerKey, instant: Instant): boolean {
    const { usableFrom, addedAt, confirmedAt } = key
    if (usableFrom === null) return false
    return confirmedAt !== null || usableFrom < addedAt + laterKeyDelayMs || usableFrom <= instant
}

/**
 * Refuses a confirmation of a key that has ended or is usable, and one by a key that is not usable itself.
 * `usableKeys`: the partner's keys that copies are sealed to now.
 */
export function assertCanConfirm(
    key: PartnerKey,
    older: PartnerKey,
    usableKeys: readonly PartnerKey[],
    now: Instant,
): void {
    assertNotUsableYet(key, usableKeys, now)
    if (!usableKeys.some(({ id }) => id === older.id))
        refuse(
            "conflict",
            "key.cannot_confirm",
            "this key is not usable, so it cannot confirm another: use a usable key, or call the operator",
        )
}

/** The key once a usable key has confirmed it: usable at once. */
export function confirm(key: PartnerKey, by: string, now: Instant): PartnerKey {
    return { ...key, usableFrom: now, confirmedBy: by, confirmedAt: now }
}

/**
 * Refuses an acceptance that is not needed, or not safe. For use at once, the key must be tested and no other key of
 * the partner may be usable. `usableKeys`: the partner's keys that copies are sealed to now.
 */
export function assertCanAccept(
    key: PartnerKey,
    usableKeys: readonly PartnerKey[],
    atOnce: boolean,
    now: Instant,
): void {
    assertNotUsableYet(key, usableKeys, now)
    if (!atOnce) {
        if (key.acceptedAt !== null)
            refuse(
                "conflict",
                "key.already_accepted",
                "two staff members already accepted this key: wait for its start",
            )
        return
    }
    if (usableKeys.length > 0)
        refuse("conflict", "key.other_key_usable", "the partner has another usable key: accept this one for later")
    if (key.testedAt === null) {
        refuse("conflict", "key.not_tested", "this key is not tested: the partner must open its test copy first")
    }
}

/** The key once two staff members have accepted it: usable at once, or a day after it was added at the earliest. */
export function accept(key: PartnerKey, atOnce: boolean, now: Instant): PartnerKey {
    const usableFrom = atOnce ? now : Math.max(now, key.addedAt + laterKeyDelayMs)
    return { ...key, usableFrom, acceptedAt: now }
}

function assertNotUsableYet(key: PartnerKey, usableKeys: readonly PartnerKey[], now: Instant): void {
    if (isEnded(key, now)) refuse("conflict", "key.not_usable", "this key was revoked or has expired: use another key")
    if (usableKeys.some(({ id }) => id === key.id))
        refuse("conflict", "key.already_usable", "this key is already usable: nothing is needed")
}

/** The keys that one file is sealed to: those of the requested format, else those of age, else those of OpenPGP. */
export function keysForFile<Key extends Pick<PartnerKey, "recipient">>(
    keys: readonly Key[],
    format: SealedFormat | null,
): Key[] {
    const ofFormat = (wanted: SealedFormat) => keys.filter(({ recipient }) => formatOf(recipient) === wanted)
    if (format !== null) return ofFormat(format)
    const ageKeys = ofFormat("age")
    return ageKeys.length > 0 ? ageKeys : ofFormat("openpgp")
}

/** Whether the key is revoked or expired. */
export function isEnded(key: KeyRecord, instant: Instant): boolean {
    return isRevoked(key, instant) || key.expiresAt <= instant
}

/** Returns whether a key is revoked at an instant. */
export function isRevoked(key: KeyRecord, instant: Instant): boolean {
    return key.revokedAt !== null && key.revokedAt <= instant
}
