/** The terms of an embargo as an invited party sees them. Pure. */
import { parseInstant } from "@tocsin/base/instant"
import type { Invited } from "../answers.ts"

export function isOver({ publication, closedAt }: Invited, now: string): boolean {
    return closedAt !== null || (publication !== null && parseInstant(publication) <= parseInstant(now))
}

/** Returns the end that an acceptance consents to: the agreed one, otherwise the earliest proposed one. */
export function termsOf({ publication, history }: Invited): string | null {
    const proposed = history.flatMap(({ open, endsAt }) => (open && endsAt !== null ? [endsAt] : []))
    return publication ?? proposed.toSorted((a, b) => parseInstant(a) - parseInstant(b))[0] ?? null
}

export function isAsked({ state }: Invited): boolean {
    return state === "invited" || state === "expired"
}

/** Returns whether an answer is open: a new invitation, or a moved end; and the embargo has not ended. */
export function isOpen(invitation: Invited, now: string): boolean {
    return isAsked(invitation) && !isOver(invitation, now) && termsOf(invitation) !== null
}
