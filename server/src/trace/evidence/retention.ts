/** Notes, legal holds and deletions of evidence. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

export const noteKinds = ["licence", "handling", "other"] as const

/** The subject of a note on evidence. */
export type NoteKind = (typeof noteKinds)[number]

/** A note of a staff member on evidence. */
export interface Note {
    readonly id: string
    readonly about: NoteKind
    readonly text: string
    readonly by: string
    readonly at: Instant
}

/** A current legal hold. */
export interface Hold {
    readonly id: string
    readonly reason: string
    readonly setBy: string
    readonly setAt: Instant
}

/** A deletion by two people. The audit log stays. */
export interface Deletion {
    readonly reason: string
    readonly by: string
    readonly at: Instant
}

export const noteLength = { min: 1, max: 4000 } as const

/** Validates a note and trims it. Refuses `evidence.bad_reason`. */
export function validateNote(text: string): string {
    const trimmed = text.trim()
    if (trimmed.length >= noteLength.min && text.length <= noteLength.max) return trimmed
    return refuse("invalid", "evidence.bad_reason", `the text must have 1 to ${noteLength.max} characters`, {
        max: noteLength.max,
    })
}

/** Refuses `evidence.still_needed`. */
export function refuseNeeded(): never {
    refuse(
        "conflict",
        "evidence.still_needed",
        "other work still needs this evidence, and the approval is void: request the deletion later",
    )
}
