/**
 * The unmarked text of a master: every slot in its first form, a free value as its lowest number, no marker left.
 *
 * This is the only way from a master to a text that a reader gets without a copy of its own. A master is opaque, so that no
 * channel, report or export can take its text by mistake; what is made here is of a type that renderers ask for.
 */
import { firstForms, lowestValues } from "./alternatives.ts"
import type { ResolvedText } from "@tocsin/base/resolved-text"
import { knownBy } from "./registry.ts"
import { withoutMarkers } from "./source/markers.ts"

let textOf: (masterText: MasterText) => string

/** What an author wrote, slots and all. It cannot be read but by `rawText`, and is empty in JSON and in a log. */
export class MasterText {
    readonly #text: string

    constructor(text: string) {
        this.#text = text
    }

    static {
        textOf = (masterText) => masterText.#text
    }
}

/** As it was written. Few may take it: test/house/texts.ts lists them. */
export const rawText = (master: MasterText): string => textOf(master)

/** A copy, in which each slot is decided by a codeword, or a text that the program itself wrote. */
export const copyText = (text: string): ResolvedText => text as ResolvedText

/** The unmarked text of a master. `name` is the file's: its ending says which notation the text has. */
export const unmarkedText = (name: string, master: MasterText): ResolvedText => resolveSlots(name, textOf(master))

export const trimmed = (text: ResolvedText): ResolvedText => text.trim() as ResolvedText
/** With an empty line between two. */
export const joinedTexts = (texts: readonly ResolvedText[]): ResolvedText => texts.join("\n\n") as ResolvedText

/** What is kept of resolved texts, in characters: those that are polled are resolved once. */
const charactersMax = 16 * 1024 * 1024
const kept = new Map<string, ResolvedText>()
let characters = 0

/** As `unmarkedText`, of a text whose reader has it already: its author, or the check before a release. Never throws. */
export function resolveSlots(name: string, text: string): ResolvedText {
    const known = knownBy(name)
    if (known === null || !/\{\{|mark:/.test(text)) return text as ResolvedText
    const key = `${known.key}\0${text}`
    const before = kept.get(key)
    if (before !== undefined) return before
    const valued = lowestValues(text)
    const made =
        known.language === undefined
            ? firstForms(valued, known.pen.authored(valued))
            : withoutMarkers(known.language, valued)
    keep(key, made as ResolvedText)
    return made as ResolvedText
}

function keep(key: string, made: ResolvedText): void {
    if (key.length + made.length > charactersMax) return
    kept.set(key, made)
    characters += key.length + made.length
    for (const [oldest, resolvedText] of kept) {
        if (characters <= charactersMax) return
        kept.delete(oldest)
        characters -= oldest.length + resolvedText.length
    }
}
