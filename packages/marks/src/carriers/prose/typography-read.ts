/**
 * Reads the slots of leaked prose in two passes.
 *
 * Slots that count are read from words, whatever characters are used. Slots of the typography layer are read from the
 * raw text, where each sign is a word.
 *
 * Signs that a program writes everywhere say nothing about a copy. If all signs of one kind in a leak are plain, or
 * are the curly signs and dashes that editors insert, all slots of this kind are erased.
 */
import { readSlots } from "../../align.ts"
import { type Tokenise, proseTokens } from "../../tokens.ts"
import { type Slot, type Symbol, isCounted } from "../carrier.ts"

/** Returns one symbol for each slot, in order. Refuses `trace.too_long`. */
export function readProse(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    const counted = slots.filter(isCounted)
    const words = readSlots(master, counted, leak)
    const signs = counted.length === slots.length ? [] : readSlots(master, slots, leak, rawTokens)
    const symbols = slots.map((slot, i) => (isCounted(slot) ? (words.shift() ?? null) : (signs[i] ?? null)))
    const folded = foldedKinds(master, slots, symbols)
    return symbols.map((symbol, i) => {
        const slot = slots[i]
        return slot !== undefined && !isCounted(slot) && folded.has(slot.kind) ? null : symbol
    })
}

/** Matches signs that are no part of a longer word. */
const sign = /[’‐‑‒–—−\u00a0\u2007\u2009\u202f\u200b\u2060\ufeff]|(?<=\p{L})[‘ʼ´`′](?=\p{L})|'/gu

/** Words as ever, and every sign that is not the plain one. */
const rawTokens: Tokenise = (text) => {
    const parts: (readonly string[])[] = []
    let at = 0
    for (const match of text.matchAll(sign)) {
        parts.push(proseTokens(text.slice(at, match.index)), match[0] === "'" ? [] : [match[0]])
        at = match.index + match[0].length
    }
    parts.push(proseTokens(text.slice(at)))
    return parts.flat()
}

const plain = new Set(["'", "-", " ", ""])
/** Kinds that editors change automatically. Editors insert neither no-break spaces nor characters without width. */
const autoformatted = new Set(["apostrophe", "dash"])

/** Kinds of which the leak shows one form alone, such as an editor or a filter leaves. */
function foldedKinds(master: string, slots: readonly Slot[], symbols: readonly Symbol[]): Set<string> {
    const shown = new Map<string, Set<string>>()
    slots.forEach((slot, i) => {
        const symbol = symbols[i]
        if (isCounted(slot) || typeof symbol !== "number") return
        const entries = shown.get(slot.kind) ?? new Set()
        shown.set(slot.kind, entries.add(formOf(master, slot, symbol)))
    })
    const folded = [...shown].filter(([kind, forms]) => {
        const [only = ""] = forms
        return forms.size === 1 && (plain.has(only) || autoformatted.has(kind))
    })
    return new Set(folded.map(([kind]) => kind))
}

function formOf(master: string, { variants }: Slot, symbol: number): string {
    const edit = variants[symbol]?.[0]
    if (edit !== undefined) return edit.text
    const other = variants.flat()[0]
    return master.slice(other?.start, other?.end)
}
