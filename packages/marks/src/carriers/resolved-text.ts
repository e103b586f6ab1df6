/**
 * Resolves a master to its unmarked text: every slot in its first form, free values at their lowest number, no markers.
 *
 * This is the only way from a master to a text for a reader without a copy of its own. A master is opaque, so that no
 * channel, report or export can use its text by mistake. Renderers require the type that this module makes.
 */
import { withoutKeepNotation } from "./kept-text.ts"
import { firstForms, lowestValues } from "./alternatives.ts"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { fileKindOf } from "./registry.ts"
import { withoutMarkers } from "./source/markers.ts"

let textOf: (masterText: MasterText) => string

/** An author's text with its slots. Only `rawText` reads it; in JSON and logs it is empty. */
export class MasterText {
    readonly #text: string

    constructor(text: string) {
        this.#text = text
    }

    static {
        textOf = (masterText) => masterText.#text
    }
}

/** Reads the text as written. Few modules may call this: test/architecture/texts.ts lists them. */
export const rawText = (master: MasterText): string => textOf(master)

/** Wraps a copy, in which a codeword decides each slot, or a text that the program itself wrote. */
export const copyText = (text: string): ResolvedText => text as ResolvedText

/** Resolves a master to its unmarked text. The ending of the file name `name` decides the notation. */
export const unmarkedText = (name: string, master: MasterText): ResolvedText => resolveSlots(name, textOf(master))

/** Trims a resolved text. */
export const trimmed = (text: ResolvedText): ResolvedText => text.trim() as ResolvedText
/** Joins resolved texts with an empty line between them. */
export const joinedTexts = (texts: readonly ResolvedText[]): ResolvedText => texts.join("\n\n") as ResolvedText

/** The characters of resolved texts that are kept, so that polled texts are resolved once. */
const charactersMax = 16 * 1024 * 1024
const cache = new Map<string, ResolvedText>()
let characters = 0

/**
 * Does what `unmarkedText` does, for readers that already have the text: its author, or the check before a release.
 * Never throws.
 */
export function resolveSlots(name: string, text: string): ResolvedText {
    const known = fileKindOf(name)
    if (known === null || !/\{\{|mark:/.test(text)) return text as ResolvedText
    const key = `${known.key}\0${text}`
    const cached = cache.get(key)
    if (cached !== undefined) return cached
    const withLowestValues = withoutKeepNotation(lowestValues(text))
    const resolved =
        known.language === undefined
            ? firstForms(withLowestValues, known.format.authoredSpans(withLowestValues))
            : withoutMarkers(known.language, withLowestValues)
    cacheText(key, resolved as ResolvedText)
    return resolved as ResolvedText
}

function cacheText(key: string, resolved: ResolvedText): void {
    if (key.length + resolved.length > charactersMax) return
    cache.set(key, resolved)
    characters += key.length + resolved.length
    for (const [oldest, resolvedText] of cache) {
        if (characters <= charactersMax) return
        cache.delete(oldest)
        characters -= oldest.length + resolvedText.length
    }
}
