/**
 * Protection: how far a partner is with protecting itself, or whom it protects, against what it was warned of. The operator
 * sees it, and of the partners only the one that reported. What was said before stays; the newest counts.
 */
import type { Instant } from "@tocsin/base/instant"
import { type ProtectionState, protectionNoteMax } from "@tocsin/client/limits"
import { refuse } from "@tocsin/base/refusal"

export interface Protection {
    readonly state: ProtectionState
    /** Since when it is protected, or from when it will be; null where that is not known, and where nothing is to come. */
    readonly since: Instant | null
    readonly note: string
}

/** Of one partner and case. */
export const protectionsMax = 200

export function validateProtection({ state, since, note }: Protection, now: Instant): void {
    if (!(note.length <= protectionNoteMax)) {
        refuse("invalid", "protection.too_long", `a note has \`${protectionNoteMax}\` characters at most`)
    }
    if (state === "protected" && !(since !== null && since <= now)) {
        refuse("invalid", "protection.bad_instant", "say since when: that is an instant that has come")
    }
    if (state === "coming" && !(since === null || since > now)) {
        refuse("invalid", "protection.bad_instant", "what is coming comes later than now")
    }
    if ((state === "not applicable" || state === "need more") && since !== null) {
        refuse("invalid", "protection.bad_instant", "there is no instant of what is not to come")
    }
    if (state === "need more" && note.trim() === "") {
        refuse("invalid", "protection.note_missing", "say in the note what you need")
    }
}

export function isSameProtection(protection: Protection, other: Protection): boolean {
    return protection.state === other.state && protection.since === other.since && protection.note === other.note
}

/** How long a partner took, from when it was told first; null where it is not protected, or was before it was told. */
export function timeToProtection({ state, since }: Protection, toldAt: Instant | null): number | null {
    return state === "protected" && since !== null && toldAt !== null && since >= toldAt ? since - toldAt : null
}
