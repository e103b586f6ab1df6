/**
 * A master document as its reader may meet it: fixed words, and places where one of several forms stands.
 *
 * Each place (a site) belongs to the slots that have edits there. Edits are widened to whole words first, so that a
 * site's forms are rows of words and can be compared with a leak without knowing where spaces and signs were.
 */
import type { Edit, Slot } from "./carriers/carrier.ts"
import { type Tokenise, insideWord } from "./tokens.ts"

/** One form that a site can take, and what it says about slots: pairs of slot and variant. */
export interface Form {
    readonly words: readonly string[]
    readonly votes: readonly (readonly [slot: number, variant: number])[]
}

/** A fixed word, or a site. A site without forms is one that cannot be read. */
export type Element = string | readonly Form[]

interface Span {
    start: number
    end: number
    readonly slots: Set<number>
}

/** A site where slots meet has a form for each combination, up to this many; beyond, it is not read. */
const formsMax = 256

/** The master in reading order. Cost grows with the text and with the number of edits. */
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

/** Where slots have edits: in text order, apart from each other, and each of whole words. */
function spansOf(master: string, slots: readonly Slot[]): Span[] {
    const spans = slots.flatMap((slot, i) =>
        slot.variants.flat().map((edit): Span => ({ ...widened(master, edit), slots: new Set([i]) })),
    )
    const inOrder = spans.toSorted((a, b) => a.start - b.start || a.end - b.end)
    const apart: Span[] = []
    for (const span of inOrder) {
        const last = apart.at(-1)
        const same = last !== undefined && last.start === span.start && last.end === span.end
        if (last !== undefined && (span.start < last.end || same)) {
            last.end = Math.max(last.end, span.end)
            for (const slot of span.slots) last.slots.add(slot)
        } else apart.push(span)
    }
    return apart
}

/** The edit's place, widened until no word reaches across its borders, neither as written nor as edited. */
function widened(master: string, edit: Edit): { start: number; end: number } {
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
        const words = tokenise(spliced(master, span, edits))
        const key = words.join("\0")
        const known = forms.get(key)
        forms.set(key, { words, votes: known === undefined ? votes : common(known.votes, votes) })
    }
    return [...forms.values()]
}

/** What two choices that look the same agree on. */
function common(a: Form["votes"], b: Form["votes"]): Form["votes"] {
    return a.filter(([slot, variant]) => b.some(([other, also]) => other === slot && also === variant))
}

function spliced(master: string, span: Span, edits: readonly Edit[]): string {
    const inside = edits.filter((edit) => edit.start >= span.start && edit.end <= span.end)
    let text = ""
    let at = span.start
    for (const edit of inside.toSorted((a, b) => a.start - b.start)) {
        text += master.slice(at, edit.start) + edit.text
        at = edit.end
    }
    return text + master.slice(at, span.end)
}
