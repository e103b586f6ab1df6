/**
 * Handles free values and kept words in parsed formats: rules, data and code. `{{=port:20000-20255}}` at the place of a
 * number cannot be parsed. So slots are found in the text with the lowest values, and then moved to their places in the
 * master. No slot changes kept words.
 */
import { valueSlots } from "./alternatives.ts"
import { type Carrier, type Edit, type Slot, applyCodeword } from "./carrier.ts"
import { keptTexts } from "./kept-text.ts"
import { distinctIds } from "./prose/slots.ts"

/** Extends a carrier to masters with free values. Its `slots` refuses `mark.bad_alternative` for a malformed value. */
export function withValues(carrier: Carrier): Carrier {
    return { ...carrier, slots: (text) => slotsWithValues(carrier, text) }
}

function slotsWithValues(carrier: Carrier, text: string): Slot[] {
    const values = valueSlots(text, distinctIds())
    const kept = keptTexts(text)
    if (values.length + kept.length === 0) return carrier.slots(text)
    const lowest = applyCodeword(
        text,
        values,
        values.map(() => 0),
    )
    const lowestEdits = values.flatMap(({ variants: [first] }) => first ?? [])
    const places = placesOf(lowestEdits, kept)
    const others = carrier.slots(lowest).flatMap((slot) => moveToMaster(text, places, slot))
    return [...values, ...others].toSorted((a, b) => startOf(a) - startOf(b))
}

/** The range of a value or kept words in the master, and the range of its lowest number or words in the parsed text. */
interface Place {
    readonly start: number
    readonly end: number
    readonly lowStart: number
    readonly lowEnd: number
    readonly isKept: boolean
}

function placesOf(values: readonly Edit[], kept: readonly Edit[]): Place[] {
    let shift = 0
    return [...values, ...kept]
        .toSorted((a, b) => a.start - b.start)
        .map((edit) => {
            const { start, end, text } = edit
            const lowStart = start - shift
            shift += end - start - text.length
            return { start, end, lowStart, lowEnd: lowStart + text.length, isKept: kept.includes(edit) }
        })
}

/**
 * Moves a slot to its place in the master. Drops a slot that would change all or part of a value. A move of a whole
 * value includes its choice.
 */
function moveToMaster(text: string, places: readonly Place[], slot: Slot): Slot[] {
    const at = (low: number): number => {
        const before = places.findLast((place) => place.lowEnd <= low)
        return before === undefined ? low : low - before.lowEnd + before.end
    }
    const isWhole = ({ start, end, from }: Edit): boolean =>
        places.every(({ lowStart, lowEnd, isKept }) => {
            const isDisjoint = lowEnd <= start || end <= lowStart
            const isAll = start === lowStart && end === lowEnd
            return isDisjoint || (from !== undefined && start <= lowStart && lowEnd <= end && !(isKept && isAll))
        })
    if (!slot.variants.flat().every(isWhole)) return []
    const moveEdit = ({ start, end, text: value, from }: Edit): Edit => {
        if (from === undefined) return { start: at(start), end: at(end), text: value }
        const moved: [number, number] = [at(from[0]), at(from[1])]
        return { start: at(start), end: at(end), text: text.slice(...moved), from: moved }
    }
    return [{ ...slot, variants: slot.variants.map((edits) => edits.map(moveEdit)) }]
}

const startOf = ({ variants }: Slot): number => Math.min(...variants.flat().map(({ start }) => start))
