/**
 * Reads the slots of a leaked rule or leaked data. Aligns the leak with the master as source code is aligned, once as
 * it is and once in the master's own shape.
 */
import type { Slot, Symbol } from "../carrier.ts"
import { assertReadable } from "../../align.ts"
import { readSource } from "../source/read.ts"
import { type Style, flatSlots, flatten, reshapeLeak, withoutQuoteMarks } from "./shape.ts"

/** For YAML and JSON. Returns one symbol for each slot, in order. Refuses `trace.too_long`. */
export function dataReader(style: Style) {
    return (master: string, slots: readonly Slot[], leak: string): Symbol[] => {
        assertReadable(leak.length)
        const flat = (text: string) => flatten(text, style)
        const plain = flatSlots(slots, style)
        const asIs = readSource(flat(master), plain, flat(withoutQuoteMarks(leak)))
        const shaped = reshapeLeak(leak, master, style)
        const read = shaped === null ? asIs : readSource(flat(master), plain, shaped)
        const squeeze = (text: string) => text.replaceAll(/\s+/g, " ").trim()
        const text = squeeze(shaped ?? flat(withoutQuoteMarks(leak)))
        const symbols = slots.map((slot, i): Symbol => {
            // Where one of a list's things is gone, the others have moved up: no place says what it said.
            if (
                slot.robustness === "order" &&
                !formsAtPlaces(master, slot, 0).every((item) => text.includes(squeeze(flat(item))))
            )
                return null
            if (slot.robustness !== "fragile" || slot.kind === "style") return read[i] ?? asIs[i] ?? null
            const symbol = asIs[i] ?? null
            return typeof symbol === "number" && isSorted(formsAtPlaces(master, slot, symbol)) ? null : symbol
        })
        const wasSorted = areSorted(master, slots, symbols)
        return wasSorted ? symbols.map((symbol, i) => (slots[i]?.robustness === "order" ? null : symbol)) : symbols
    }
}

/** Orders that all lists being sorted by chance is rarer than. */
const sortedMin = 24

/** Whether all lists that were read are as sorting makes them: then somebody sorted, and none says anything. */
export function areSorted(master: string, slots: readonly Slot[], symbols: readonly Symbol[]): boolean {
    const read = slots.flatMap((slot, i) => {
        const symbol = symbols[i] ?? null
        return slot.robustness === "order" && typeof symbol === "number" ? [{ slot, symbol }] : []
    })
    const orders = read.reduce((product, { slot }) => product * slot.variants.length, 1)
    return orders >= sortedMin && read.every(({ slot, symbol }) => isSorted(formsAtPlaces(master, slot, symbol)))
}

/** What stands at a slot's places, from the first to the last, in one variant. */
function formsAtPlaces(master: string, { variants }: Slot, variant: number): string[] {
    const places = new Map(variants.flat().map(({ start, end }) => [start, master.slice(start, end)]))
    for (const { start, text } of variants[variant] ?? []) places.set(start, text)
    return [...places].toSorted((a, b) => a[0] - b[0]).map(([, text]) => text)
}

/** Whether things stand as sorting puts them: then it is nobody's choice. */
export function isSorted(things: readonly string[]): boolean {
    const bare = things.map((thing) => thing.replaceAll(/^["']|["']$/g, ""))
    return bare.every((thing, i) => i === 0 || (bare[i - 1] ?? "") <= thing)
}
