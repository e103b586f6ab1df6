/** Random codewords for marks, and readings of them. */
import * as fc from "fast-check"
import type { Slot, Symbol, Codeword } from "@tocsin/marks/carriers/carrier"

export function anyCodeword(slots: readonly Slot[]): fc.Arbitrary<Codeword> {
    return fc.tuple(...slots.map(({ variants }) => fc.nat(variants.length - 1)))
}

/** Lists the codewords that differ in one slot: the last variant before the others, and only that one. */
export function singleCodewords(slots: readonly Slot[]): Codeword[] {
    return slots.map((slot, i) => slots.map((_, n) => (n === i ? slot.variants.length - 1 : 0)))
}

/** Counts slots that were misread, by kind. */
export function misread(slots: readonly Slot[], read: readonly Symbol[], codeword: Codeword): string[] {
    return slots.flatMap(({ kind }, i) => (read[i] === null || read[i] === codeword[i] ? [] : [`${i} ${kind}`]))
}

/** Counts slots that were not read, by kind. */
export function unread(slots: readonly Slot[], read: readonly Symbol[]): string[] {
    return slots.flatMap(({ kind }, i) => (typeof read[i] === "number" ? [] : [kind]))
}

/** Checks that edits of different slots do not overlap, that none is a pure insertion, and that ids are unique. */
export function slotFaults(text: string, slots: readonly Slot[]): string[] {
    const owner = new Map<number, number>()
    const faults = new Set<string>()
    for (const [slot, { kind, variants }] of slots.entries()) {
        if (variants.length < 2) faults.add(`${kind} has no choice`)
        for (const { start, end } of variants.flat()) {
            if (!(start < end && end <= text.length)) faults.add(`${kind} has an edit of nothing`)
            for (let at = start; at < end; at++) {
                if ((owner.get(at) ?? slot) !== slot) faults.add(`${kind} touches another slot`)
                owner.set(at, slot)
            }
        }
        for (const edits of variants) {
            const inOrder = edits.toSorted((a, b) => a.start - b.start)
            if (inOrder.some((edit, i) => i > 0 && edit.start < (inOrder[i - 1]?.end ?? 0)))
                faults.add(`${kind} overlaps`)
        }
    }
    if (new Set(slots.map(({ id }) => id)).size < slots.length) faults.add("an id stands twice")
    return [...faults]
}
