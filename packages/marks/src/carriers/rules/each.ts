/**
 * Reads files of several rules rule by rule. Each leaked rule is compared with its own master, found by name or
 * number. So similar rules are not confused, in whatever order they are.
 */
import { assertReadable } from "../../align.ts"
import type { Slot, Symbol } from "../carrier.ts"
import { readSource } from "../source/read.ts"
import type { Piece } from "./drafts.ts"
import { withoutQuoteMarks } from "./shape.ts"

interface RuleKind {
    /** Matches the beginning of a rule. */
    readonly starts: RegExp
    /** Its first group identifies the rule. */
    readonly key: RegExp
}

const yaraKind: RuleKind = { starts: /\b(?=rule\s+[A-Za-z_]\w*\s*[:{])/g, key: /^rule\s+(\w+)/ }
const suricataKind: RuleKind = {
    starts: /\b(?=(?:alert|pass|drop|reject\w{0,4}|config)\s+[\w-]+\s+\S+\s+\S+\s+[-<=]>)/g,
    key: /[;(]\s*sid\s*:\s*(\d+)/,
}

/** Heads of Snort 3 may have a service alone. */
const snortKind: RuleKind = {
    starts: /\b(?=(?:alert|block|drop|log|pass|react|reject|rewrite|sdrop)\s+[\w-]+\s*(?:\(|\s\S+\s+\S+\s+[-<]>))/g,
    key: suricataKind.key,
}

/** Returns one symbol for each slot, in order. Refuses `trace.too_long`. */
export function readYara(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    assertReadable(leak.length)
    return readEach(yaraKind, master, slots, withoutQuoteMarks(leak))
}

/** Returns one symbol for each slot, in order. Refuses `trace.too_long`. */
export function readSuricata(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    assertReadable(leak.length)
    return readEach(suricataKind, master, slots, withoutQuoteMarks(leak).replaceAll(/\\\r?\n/g, " "))
}

/** Returns one symbol for each slot, in order. Refuses `trace.too_long`. */
export function readSnort(master: string, slots: readonly Slot[], leak: string): Symbol[] {
    assertReadable(leak.length)
    return readEach(snortKind, master, slots, withoutQuoteMarks(leak).replaceAll(/\\\r?\n/g, " "))
}

function readEach(kind: RuleKind, master: string, slots: readonly Slot[], leak: string): Symbol[] {
    const masterRules = rulesIn(kind, master)
    const leakedRules = rulesIn(kind, leak)
    const votes = slots.map((): Symbol[] => [])
    for (const [key, [piece]] of masterRules) {
        const leaked = key === "" ? [] : (leakedRules.get(key) ?? []).map(({ start, end }) => leak.slice(start, end))
        if (piece === undefined || leaked.length === 0) continue
        const { indices, inside } = slotsWithin(slots, piece)
        const symbols = readSource(master.slice(piece.start, piece.end), inside, leaked.join("\n"))
        for (const [i, symbol] of symbols.entries()) votes[indices[i] ?? -1]?.push(symbol)
    }
    const rest = [...leakedRules].flatMap(([key, pieces]) => (masterRules.has(key) && key !== "" ? [] : pieces))
    const others = readSource(master, slots, rest.map(({ start, end }) => leak.slice(start, end)).join("\n"))
    return votes.map((symbols, i) => (symbols.length === 0 ? (others[i] ?? null) : agreedSymbol(symbols)))
}

/** The rules of a text, each up to the next, by what they are known by; what is not known is under "". */
function rulesIn({ starts, key }: RuleKind, text: string): Map<string, Piece[]> {
    const at = [0, ...Array.from(text.matchAll(starts), ({ index }) => index)]
    const pieces = at.map((start, i) => ({ start, end: at[i + 1] ?? text.length }))
    return Map.groupBy(pieces, ({ start, end }) => key.exec(text.slice(start, end))?.[1] ?? "")
}

/** The slots of one rule, as if there were no others. */
function slotsWithin(slots: readonly Slot[], { start, end }: Piece): { indices: number[]; inside: Slot[] } {
    const indices: number[] = []
    const inside = slots.flatMap((slot, i) => {
        const variants = slot.variants.map((edits) =>
            edits
                .filter((edit) => edit.start >= start && edit.end <= end)
                .map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start })),
        )
        if (variants.every((edits) => edits.length === 0)) return []
        indices.push(i)
        return [{ ...slot, variants }]
    })
    return { indices, inside }
}

/** What the rules say that share a slot; "mixed" where they contradict each other. */
function agreedSymbol(votes: readonly Symbol[]): Symbol {
    const symbols = new Set(votes.filter((vote) => vote !== null))
    const [symbol = null] = symbols
    return symbols.size > 1 ? "mixed" : symbol
}
