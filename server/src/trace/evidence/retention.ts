/** What is said of evidence after it was filed: how it may be handled, and that it must not be deleted. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"

export const noteKinds = ["licence", "handling", "other"] as const
export type NoteKind = (typeof noteKinds)[number]

export interface Note {
    readonly id: string
    readonly about: NoteKind
    readonly text: string
    readonly by: string
    readonly at: Instant
}

/** A legal hold that lasts. */
export interface Hold {
    readonly id: string
    readonly reason: string
    readonly setBy: string
    readonly setAt: Instant
}

/** By two people. What the record has of it stays. */
export interface Deletion {
    readonly reason: string
    readonly by: string
    readonly at: Instant
}

export const wordsLength = { min: 1, max: 4000 } as const

/** Returns the words without spaces around them. */
export function validateNote(text: string): string {
    const input = text.trim()
    if (input.length >= wordsLength.min && text.length <= wordsLength.max) return input
    return refuse("invalid", "evidence.bad_reason", `say it in 1 to ${wordsLength.max} characters`)
}
