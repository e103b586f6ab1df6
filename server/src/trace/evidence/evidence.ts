/**
 * Evidence: what was found outside, hashed when it is filed and never edited. A leaked text or file; or what is told by
 * an instant alone: a first exploitation, a public proof of concept, a listing. What is no text is kept as it is.
 */
import { type Content, contentOf, textIn } from "../../models/content-type.ts"
import type { Instant } from "@tocsin/base/instant"
import { hasHidden } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { type Trigger, triggers } from "../../share/cases/embargo.ts"
import type { ClockQuality } from "@tocsin/client/limits"

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
    /** Of a canary that was touched: the touch, which knows whose copy held the name. */
    readonly touch: string | null
    /** Where it was found, and who told. */
    readonly source: string
    readonly note: string
    /** SHA-256 of the content in hex; null where there is none. */
    readonly sha256: string | null
    /** Bytes. */
    readonly size: number | null
    /** What the bytes are; null where there are none. */
    readonly is: Content | null
    /** When it was seen, or happened. */
    readonly seenAt: Instant
    readonly clock: ClockQuality
    /** Null: by itself. */
    readonly filedBy: string | null
    readonly filedAt: Instant
    /** By two people: then its words and its content are gone. */
    readonly deletedAt: Instant | null
}

/** Refuses what is empty, or more than can be kept. Tells what the bytes are, whatever they are. */
export function validateContent(bytes: Uint8Array): Content {
    if (bytes.length === 0) nothingIn()
    if (!(bytes.length <= contentBytesMax)) {
        refuse("invalid", "evidence.too_large", `evidence has \`${contentBytesMax}\` bytes at most: file a part of it`)
    }
    if (textIn(bytes)?.trim() === "") nothingIn()
    return contentOf(bytes)
}

function nothingIn(): never {
    refuse("invalid", "evidence.empty", "there is nothing in this file")
}

export interface Words {
    readonly name: string
    readonly source: string
    readonly note: string
}

export function validateWords({ name, source, note }: Words): void {
    if (!(name.trim() !== "" && name.length <= nameMax && !hasHidden(name))) {
        refuse("invalid", "evidence.bad_name", `a name has 1 to ${nameMax} characters, and no control characters`)
    }
    if (!(source.trim() !== "" && source.length <= wordsMax && note.length <= wordsMax)) {
        refuse(
            "invalid",
            "evidence.bad_text",
            `say where it is from, in ${wordsMax} characters at most, as for the note`,
        )
    }
}

/** What is filed has been seen already. */
export function assertPast(seenAt: Instant, now: Instant): void {
    if (!(seenAt <= now))
        refuse("invalid", "evidence.in_the_future", "nothing is seen before it happens: that is to come")
}

export const exploiting: readonly EvidenceKind[] = ["exploitation", "listed as exploited"]

/** Whether this kind says that something is exploited. */
export const tellsExploitation = (kind: EvidenceKind): boolean => exploiting.includes(kind)
