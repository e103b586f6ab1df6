/** Converts a master to its unmarked text, with the same slots at their places in that text. */
import { type Edit, type Slot, applyCodeword } from "./carrier.ts"
import { keptTexts, withoutKeepNotation } from "./kept-text.ts"

/** An unmarked text with its slots. */
export interface UnmarkedMaster {
    readonly text: string
    /** The slots in the master's order. The first form of each leaves the text unchanged. */
    readonly slots: readonly Slot[]
}

/** Writes the first form of each slot that the author wrote, and kept words without their notation. */
export function unmarkMaster(master: string, slots: readonly Slot[]): UnmarkedMaster {
    const first = slots.flatMap(({ variants: [edits = []] }) => edits)
    const text = applyCodeword(
        master,
        slots,
        slots.map(() => 0),
    )
    const moved = moveSlots(text, slots, [...first, ...keptTexts(master)])
    return { text, slots: moved.map((slot) => ({ ...slot, variants: slot.variants.with(0, []) })) }
}

/** Removes the notation of kept words, because a leaked text contains only the words. */
export function plainKeptWords(master: string, slots: readonly Slot[]): UnmarkedMaster {
    const kept = keptTexts(master)
    if (kept.length === 0) return { text: master, slots }
    const text = withoutKeepNotation(master)
    return { text, slots: moveSlots(text, slots, kept) }
}

/** Moves slots to their places in a text in which these edits were made. */
function moveSlots(text: string, slots: readonly Slot[], edits: readonly Edit[]): readonly Slot[] {
    if (edits.length === 0) return slots
    const at = offsetMapper(edits.toSorted((a, b) => a.start - b.start))
    const moveEdit = ({ start, end, text: value, from }: Edit): Edit => {
        const [begins, ends] = [at(start), at(end)]
        if (from === undefined) return { start: begins, end: ends, text: value }
        const moved: [number, number] = [at(from[0]), at(from[1])]
        return { start: begins, end: ends, text: text.slice(...moved), from: moved }
    }
    return slots.map((slot) => ({ ...slot, variants: slot.variants.map((edits) => edits.map(moveEdit)) }))
}

/**
 * Maps an offset of the master to the edited text. Edits do not overlap. An offset inside an edit maps to its
 * beginning.
 */
function offsetMapper(edits: readonly Edit[]): (offset: number) => number {
    const ends: { readonly start: number; readonly end: number; readonly shift: number }[] = []
    let shift = 0
    for (const { start, end, text } of edits) {
        ends.push({ start, end, shift })
        shift += text.length - (end - start)
    }
    const total = shift
    return (offset) => {
        let [low, high] = [0, ends.length]
        while (low < high) {
            const middle = (low + high) >> 1
            if ((ends[middle]?.end ?? 0) <= offset) low = middle + 1
            else high = middle
        }
        const next = ends[low]
        if (next === undefined) return offset + total
        return Math.min(offset, next.start) + next.shift
    }
}
