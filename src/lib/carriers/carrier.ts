/**
 * What a carrier finds in a document: slots, places where several forms say the same.
 *
 * A slot lists, for each of its variants, the splices that realise it. Variant 0 leaves the text as it was written.
 * Writing a mark is choosing a variant at every slot; reading one back is telling which variants survived.
 */

/**
 * What a slot outlives, weakest first: `tripwire` dies when spaces or quotes are folded, `order` when somebody sorts,
 * `wording` when somebody rephrases, `value` lives as long as the fact itself is told.
 */
export type Robustness = "tripwire" | "order" | "wording" | "value"

/** Replaces the characters from `start` up to, not including, `end` (UTF-16 offsets in the master). */
export interface Edit {
    readonly start: number
    readonly end: number
    readonly text: string
}

export interface Slot {
    /** Content-addressed: the same slot keeps its id when text elsewhere in the document changes. */
    readonly id: string
    /** What kind of choice it is: `synonym`, `list-order`, `local-name`, … */
    readonly kind: string
    readonly robustness: Robustness
    /** At least two. `variants[v]` are the splices of variant v; those of one slot and of different slots never overlap. */
    readonly variants: readonly (readonly Edit[])[]
}

/** One variant index a slot, in the order of the slots. */
export type Word = readonly number[]

/** A slot as read from a leak: the variant; null where it was erased or is ambiguous; "mixed" where copies disagree. */
export type Symbol = number | null | "mixed"

export interface Carrier {
    readonly name: string
    /** The document's slots, in text order. Throws a Refusal where the document is not of this carrier's format. */
    slots(text: string): Slot[]
}

/** The document with the chosen variants spliced in. Same input, same output, byte for byte. */
export function applyWord(text: string, slots: readonly Slot[], word: Word): string {
    const edits = slots.flatMap((slot, i) => slot.variants[word[i] ?? 0] ?? [])
    const inOrder = edits.toSorted((a, b) => a.start - b.start)
    const parts: string[] = []
    let at = 0
    for (const edit of inOrder) {
        parts.push(text.slice(at, edit.start), edit.text)
        at = edit.end
    }
    parts.push(text.slice(at))
    return parts.join("")
}
