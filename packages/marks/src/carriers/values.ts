/**
 * Free values in what is parsed: rules, data and code. `{{=port:20000-20255}}` where a number belongs is no rule that can be
 * read, so the slots are looked for in the text with its lowest values, and put back to where they are in the master.
 */
import { valueSlots } from "./alternatives.ts"
import { type Carrier, type Edit, type Slot, applyWord } from "./carrier.ts"
import { distinctIds } from "./prose/slots.ts"

/** The carrier, for masters with free values too. Its `slots` throws `mark.bad_alternative` for a value that is none. */
export function withValues(carrier: Carrier): Carrier {
    return { ...carrier, slots: (text) => slotsWithValues(carrier, text) }
}

function slotsWithValues(carrier: Carrier, text: string): Slot[] {
    const values = valueSlots(text, distinctIds())
    if (values.length === 0) return carrier.slots(text)
    const lowest = applyWord(
        text,
        values,
        values.map(() => 0),
    )
    const places = placesOf(values)
    const others = carrier.slots(lowest).flatMap((slot) => placedIn(text, places, slot))
    return [...values, ...others].toSorted((a, b) => startOf(a) - startOf(b))
}

/** Where a value is in the master, and where its lowest number is in the text that was parsed. */
interface Place {
    readonly start: number
    readonly end: number
    readonly lowStart: number
    readonly lowEnd: number
}

function placesOf(values: readonly Slot[]): Place[] {
    let shift = 0
    return values
        .flatMap(({ variants: [first] }) => first ?? [])
        .toSorted((a, b) => a.start - b.start)
        .map(({ start, end, text }) => {
            const lowStart = start - shift
            shift += end - start - text.length
            return { start, end, lowStart, lowEnd: lowStart + text.length }
        })
}

/** None where it would change a value, or part of it. What moves one whole takes along what is chosen there. */
function placedIn(text: string, places: readonly Place[], slot: Slot): Slot[] {
    const at = (low: number): number => {
        const before = places.findLast((place) => place.lowEnd <= low)
        return before === undefined ? low : low - before.lowEnd + before.end
    }
    const isWhole = ({ start, end, from }: Edit): boolean =>
        places.every(({ lowStart, lowEnd }) => {
            const isApart = lowEnd <= start || end <= lowStart
            return isApart || (from !== undefined && start <= lowStart && lowEnd <= end)
        })
    if (!slot.variants.flat().every(isWhole)) return []
    const placed = ({ start, end, text: value, from }: Edit): Edit => {
        if (from === undefined) return { start: at(start), end: at(end), text: value }
        const moved: [number, number] = [at(from[0]), at(from[1])]
        return { start: at(start), end: at(end), text: text.slice(...moved), from: moved }
    }
    return [{ ...slot, variants: slot.variants.map((edits) => edits.map(placed)) }]
}

const startOf = ({ variants }: Slot): number => Math.min(...variants.flat().map(({ start }) => start))
