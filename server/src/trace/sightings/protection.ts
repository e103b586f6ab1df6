/**
 * Protection says how far a partner is in protecting itself and its customers against a vulnerability. Staff and that
 * partner see it. Earlier statuses are kept; the newest counts.
 */
import type { Instant } from "@tocsin/base/instant"
import { type ProtectionState, protectionNoteMax } from "@tocsin/client/limits"
import { refuse } from "@tocsin/base/refusal"

/** A partner's protection status for one case. */
export interface Protection {
    readonly state: ProtectionState
    /** Since when, or from when, it is protected; null where unknown or not planned. */
    readonly since: Instant | null
    readonly note: string
}

/** Limit of one partner and case. */
export const protectionsMax = 200

/**
 * Validates a protection status. Refuses `protection.too_long`, `protection.bad_instant` and `protection.note_missing`.
 */
export function validateProtection({ state, since, note }: Protection, now: Instant): void {
    if (!(note.length <= protectionNoteMax)) {
        refuse("invalid", "protection.too_long", `the note must have \`${protectionNoteMax}\` characters at most`, {
            max: protectionNoteMax,
        })
    }
    if (state === "protected" && !(since !== null && since <= now)) {
        refuse("invalid", "protection.bad_instant", "`since` must be a past instant for this status")
    }
    if (state === "in_progress" && !(since === null || since > now)) {
        refuse("invalid", "protection.bad_instant", "`since` must be in the future for this status")
    }
    if ((state === "not_applicable" || state === "needs_more") && since !== null) {
        refuse("invalid", "protection.bad_instant", "this status has no `since`: remove it")
    }
    if (state === "needs_more" && note.trim() === "") {
        refuse("invalid", "protection.note_missing", "write in the note what you need")
    }
}

/** Tells whether two protection statuses are equal. */
export function isSameProtection(protection: Protection, other: Protection): boolean {
    return protection.state === other.state && protection.since === other.since && protection.note === other.note
}

/**
 * Returns the time from the first notice to protection. Returns null where the partner is not protected, or was before
 * the notice.
 */
export function timeToProtection({ state, since }: Protection, notifiedAt: Instant | null): number | null {
    return state === "protected" && since !== null && notifiedAt !== null && since >= notifiedAt
        ? since - notifiedAt
        : null
}
