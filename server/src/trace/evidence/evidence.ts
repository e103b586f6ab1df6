/**
 * Evidence is material found outside the program, hashed when added and never edited. It is a leaked text or file, or
 * an observation: exploitation, a public proof of concept, a listing. Content that is not text is kept unchanged.
 */
import { type Content, detectContent, decodeText } from "../../models/content-type.ts"
import type { Instant } from "@tocsin/base/instant"
import { hasHiddenCharacters } from "@tocsin/base/visible-text"
import { refuse } from "@tocsin/base/refusal"
import { type Trigger, triggers } from "../../share/cases/embargo.ts"
import type { ClockQuality } from "@tocsin/client/limits"

/** Kinds that a person adds. Each proposes an early end of the embargo. */
export const evidenceKinds = triggers
/** A touched canary is added automatically and proposes nothing, because a resolver can cause it. */
export type EvidenceKind = Trigger | "canary_touched"

export const contentBytesMax = 10_000_000
const nameMax = 200
const textMax = 4000

/** A piece of evidence. */
export interface Evidence {
    readonly id: string
    readonly kind: EvidenceKind
    /** Null where the case is unknown. */
    readonly case: string | null
    readonly name: string
    /** The given CVE id; null where there is none. */
    readonly cve: string | null
    /** The touch of a canary, which identifies the recipient. */
    readonly touch: string | null
    /** Where it was found, and the informant. */
    readonly source: string
    readonly note: string
    /** SHA-256 of the content in hex; null where there is none. */
    readonly sha256: string | null
    /** Bytes. */
    readonly size: number | null
    /** The detected form of the content; null where there is none. */
    readonly contentType: Content | null
    /** When it was observed or happened. */
    readonly observedAt: Instant
    readonly clock: ClockQuality
    /** Null where Tocsin added it automatically. */
    readonly addedBy: string | null
    readonly addedAt: Instant
    /** When two people deleted its texts and content. */
    readonly deletedAt: Instant | null
}

/** Validates content and detects its form. Refuses `evidence.empty` and `evidence.too_large`. */
export function validateContent(bytes: Uint8Array): Content {
    if (bytes.length === 0) refuseEmpty()
    if (!(bytes.length <= contentBytesMax)) {
        refuse(
            "invalid",
            "evidence.too_large",
            `the content must have \`${contentBytesMax}\` bytes at most: add a part of it`,
            { max: contentBytesMax },
        )
    }
    if (decodeText(bytes)?.trim() === "") refuseEmpty()
    return detectContent(bytes)
}

function refuseEmpty(): never {
    refuse("invalid", "evidence.empty", "this file is empty")
}

/** The texts that staff enter about evidence. */
export interface EvidenceTexts {
    readonly name: string
    readonly source: string
    readonly note: string
}

/** Validates the name, source and note of evidence. */
export function validateTexts({ name, source, note }: EvidenceTexts): void {
    if (!(name.trim() !== "" && name.length <= nameMax && !hasHiddenCharacters(name))) {
        refuse(
            "invalid",
            "evidence.bad_name",
            `a name must have 1 to ${nameMax} characters and no control characters`,
            { max: nameMax },
        )
    }
    if (!(source.trim() !== "" && source.length <= textMax && note.length <= textMax)) {
        refuse(
            "invalid",
            "evidence.bad_text",
            `the source and the note must have ${textMax} characters at most, and the source must not be empty`,
            { max: textMax },
        )
    }
}

/** Refuses `evidence.in_the_future` for a future instant. */
export function assertPast(observedAt: Instant, now: Instant): void {
    if (!(observedAt <= now)) refuse("invalid", "evidence.in_the_future", "the instant is in the future: check it")
}

export const exploitationKinds: readonly EvidenceKind[] = ["exploitation", "listed_as_exploited"]

/** Tells whether this kind reports exploitation. */
export const reportsExploitation = (kind: EvidenceKind): boolean => exploitationKinds.includes(kind)
