/** Converts a master to its unmarked text, with the same slots at their places in that text. */
import { type Edit, type Slot, applyCodeword } from "./carrier.ts"

/** An unmarked text with its slots. */
export interface UnmarkedMaster {
    readonly text: string
    /** The slots in the master's order. The first form of each leaves the text unchanged. */
    readonly slots: readonly Slot[]
}

/** Writes the first form of each slot that the author wrote. */
export function unmarkMaster(master: string, slots: readonly Slot[]): UnmarkedMaster {
    const first = slots.flatMap(({ variants: [edits = []] }) => edits).toSorted((a, b) => a.start - b.start)
    if (first.length === 0) return { text: master, slots }
    const text = applyCodeword(
        master,
        slots,
        slots.map(() => 0),
    )
    const at = offsetMapper(first)
    const moveEdit = ({ start, end, text: value, from }: Edit): Edit => {
        const [begins, ends] = [at(start), at(end)]
        if (from === undefined) return { start: begins, end: ends, text: value }
        const moved: [number, number] = [at(from[0]), at(from[1])]
        return { start: begins, end: ends, text: text.slice(...moved), from: moved }
    }
    const others = slots.map((slot): Slot => {
        const variants = slot.variants.map((edits, form) => (form === 0 ? [] : edits.map(moveEdit)))
        return { ...slot, variants }
    })
    return { text, slots: others }
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
