/**
 * Lists a master as a reader may see it: fixed words, and sites that take one of several forms.
 *
 * A site belongs to the slots that have edits there. Edits are first widened to whole words. A site's forms are then
 * rows of words, and can be compared with a leak without knowledge of spaces and signs.
 */
import type { Edit, Slot } from "./carriers/carrier.ts"
import { type Tokenise, insideWord } from "./tokens.ts"

/** A form of a site, and the slot variants that it shows, as pairs of slot and variant. */
export interface Form {
    readonly words: readonly string[]
    readonly votes: readonly (readonly [slot: number, variant: number])[]
}

/** A fixed word, or a site. A site without forms cannot be read. */
export type Element = string | readonly Form[]

interface Span {
    start: number
    end: number
    readonly slots: Set<number>
}

/** The largest number of forms of a site where slots meet, one for each combination. Above it, the site is not read. */
const formsMax = 256

/** Lists the elements of the master in reading order. The cost grows with the text and with the number of edits. */
export function latticeOf(master: string, slots: readonly Slot[], tokenise: Tokenise): Element[] {
    const elements: Element[] = []
    let at = 0
    for (const span of spansOf(master, slots)) {
        for (const word of tokenise(master.slice(at, span.start))) elements.push(word)
        elements.push(formsOf(master, span, slots, tokenise))
        at = span.end
    }
    for (const word of tokenise(master.slice(at))) elements.push(word)
    return elements
}

/** Lists the spans of the edits in text order. They do not overlap and consist of whole words. */
function spansOf(master: string, slots: readonly Slot[]): Span[] {
    const spans = slots.flatMap((slot, i) =>
        slot.variants.flat().map((edit): Span => ({ ...widenToWords(master, edit), slots: new Set([i]) })),
    )
    const inOrder = spans.toSorted((a, b) => a.start - b.start || a.end - b.end)
    const disjoint: Span[] = []
    for (const span of inOrder) {
        const last = disjoint.at(-1)
        const same = last !== undefined && last.start === span.start && last.end === span.end
        if (last !== undefined && (span.start < last.end || same)) {
            last.end = Math.max(last.end, span.end)
            for (const slot of span.slots) last.slots.add(slot)
        } else disjoint.push(span)
    }
    return disjoint
}

/** Widens the span of an edit until no word crosses its borders, in the master or in the edited text. */
function widenToWords(master: string, edit: Edit): { start: number; end: number } {
    let { start, end } = edit
    const after = master.charAt(end)
    const joinsLeft = insideWord(master.charAt(start - 1), edit.text.charAt(0) || after)
    const joinsRight = insideWord(edit.text.at(-1) ?? master.charAt(start - 1), after)
    if (joinsLeft) start--
    if (joinsRight) end++
    while (start > 0 && insideWord(master.charAt(start - 1), master.charAt(start))) start--
    while (end < master.length && insideWord(master.charAt(end - 1), master.charAt(end))) end++
    return { start, end }
}

function formsOf(master: string, span: Span, slots: readonly Slot[], tokenise: Tokenise): Form[] {
    let choices: (readonly [number, number])[][] = [[]]
    for (const slot of span.slots) {
        const count = slots[slot]?.variants.length ?? 0
        if (choices.length * count > formsMax) return []
        choices = choices.flatMap((votes) =>
            Array.from({ length: count }, (_, variant) => [...votes, [slot, variant] as const]),
        )
    }
    const forms = new Map<string, Form>()
    for (const votes of choices) {
        const edits = votes.flatMap(([slot, variant]) => slots[slot]?.variants[variant] ?? [])
        const words = tokenise(applyEdits(master, span, edits))
        const key = words.join("\0")
        const known = forms.get(key)
        forms.set(key, { words, votes: known === undefined ? votes : commonVotes(known.votes, votes) })
    }
    return [...forms.values()]
}

/** Keeps the votes that two choices with the same look share. */
function commonVotes(a: Form["votes"], b: Form["votes"]): Form["votes"] {
    return a.filter(([slot, variant]) => b.some(([other, also]) => other === slot && also === variant))
}

function applyEdits(master: string, span: Span, edits: readonly Edit[]): string {
    const inside = edits.filter((edit) => edit.start >= span.start && edit.end <= span.end)
    let text = ""
    let at = span.start
    for (const edit of inside.toSorted((a, b) => a.start - b.start)) {
        text += master.slice(at, edit.start) + edit.text
        at = edit.end
    }
    return text + master.slice(at, span.end)
}
