/**
 * Evidence: what was found outside, hashed when it is filed and never edited. A leaked text; or what is told by an
 * instant alone: a first exploitation, a public proof of concept, a listing.
 */
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { type Trigger, triggers } from "../../share/cases/embargo.ts"
import type { ClockQuality } from "../sightings/sighting.ts"

/** What a person files: each speaks for an early end of the embargo, and proposes one. */
export const evidenceKinds = triggers
/** A touched canary is filed by itself, and proposes nothing: it may be an echo. */
export type EvidenceKind = Trigger | "canary touched"

export const contentBytesMax = 10_000_000
const nameMax = 200
const wordsMax = 4000

export interface Evidence {
    readonly id: string
    readonly kind: EvidenceKind
    /** Null where it is not known yet which case it concerns. */
    readonly case: string | null
    readonly name: string
    /** The CVE id that was told; null where none was. */
    readonly cve: string | null
    /** Where it was found, and who told. */
    readonly source: string
    readonly note: string
    /** SHA-256 of the content in hex; null where there is none. */
    readonly sha256: string | null
    /** Bytes. */
    readonly size: number | null
    /** When it was seen, or happened. */
    readonly seenAt: Instant
    readonly clock: ClockQuality
    /** Null: by itself. */
    readonly filedBy: string | null
    readonly filedAt: Instant
}

/** Refuses what is empty, more than can be kept, or no text: bytes that are not UTF-8, or hold a NUL. Returns the text. */
export function mustBeText(content: Uint8Array): string {
    if (content.length === 0) refuse("invalid", "evidence.empty", "there is nothing in this file")
    if (!(content.length <= contentBytesMax)) {
        refuse(
            "invalid",
            "evidence.too_large",
            `a leaked text has \`${contentBytesMax}\` bytes at most: file a part of it`,
        )
    }
    const text = decoded(content)
    if (text === null || text.includes("\0")) {
        refuse("invalid", "evidence.not_text", "this is not a text in UTF-8; file what can be read of it")
    }
    if (text.trim() === "") refuse("invalid", "evidence.empty", "there is nothing in this file")
    return text
}

function decoded(content: Uint8Array): string | null {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content)
    } catch {
        return null
    }
}

export interface Words {
    readonly name: string
    readonly source: string
    readonly note: string
}

export function mustBeWords({ name, source, note }: Words): void {
    if (!(name.trim() !== "" && name.length <= nameMax && !/\p{Cc}/u.test(name))) {
        refuse("invalid", "evidence.bad_name", `a name has 1 to ${nameMax} characters, and no control characters`)
    }
    if (!(source.trim() !== "" && source.length <= wordsMax && note.length <= wordsMax)) {
        refuse(
            "invalid",
            "evidence.bad_words",
            `say where it is from, in ${wordsMax} characters at most, as for the note`,
        )
    }
}

/** What is filed has been seen already. */
export function mustHaveBeen(seenAt: Instant, now: Instant): void {
    if (!(seenAt <= now))
        refuse("invalid", "evidence.in_the_future", "nothing is seen before it happens: that is to come")
}
