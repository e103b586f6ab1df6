/**
 * Shows the master next to a leak: the text around the slots that the leak shows, and how each slot was read. Omits all
 * other parts, because a reader of a leak need not have the whole master.
 */
import { type Edit, type Slot, type Symbol, isCounted } from "@tocsin/marks/carriers/carrier"
import { unmarkMaster } from "@tocsin/marks/carriers/first-forms"

/** The state of a slot in the leak. */
export type SlotState = "read" | "mixed" | "erased"

/** A part of the leak: a slot, or the text between slots. */
export interface LeakViewPiece {
    readonly text: string
    /** Null between slots. */
    readonly state: SlotState | null
    /** The form that was read; null where none was. */
    readonly form: string | null
}

/** A contiguous part of the master. */
export type LeakViewPart = readonly LeakViewPiece[]

/** UTF-16 units of the master that are shown before and after a slot of the leak. */
const contextMax = 240

interface SlotPlace {
    readonly start: number
    readonly end: number
    readonly state: SlotState
    readonly form: string | null
}

/** Cuts the unmarked text into parts around read slots. The author's own spelling of a slot stays hidden. */
export function cutLeakView(
    masterText: string,
    masterSlots: readonly Slot[],
    symbols: readonly Symbol[],
): LeakViewPart[] {
    const { text: master, slots } = unmarkMaster(masterText, masterSlots)
    const places = slots.flatMap((slot, i) => (isCounted(slot) ? placesOf(master, slot, symbols[i] ?? null) : []))
    places.sort((a, b) => a.start - b.start || a.end - b.end)
    return windowsOf(master, places).map(({ start, end }) => {
        const inside = places.filter((place) => place.start >= start && place.end <= end)
        return piecesOf(master, inside, start, end)
    })
}

/** Returns the state of each slot that counts, in the master's order. */
export function slotStates(slots: readonly Slot[], symbols: readonly Symbol[]): SlotState[] {
    return slots.flatMap((slot, i) => (isCounted(slot) ? stateOf(symbols[i] ?? null) : []))
}

function stateOf(symbol: Symbol): SlotState {
    return typeof symbol === "number" ? "read" : symbol === "mixed" ? "mixed" : "erased"
}

/** Finds where a slot's forms differ in the master, once for each occurrence. */
function placesOf(master: string, { variants }: Slot, symbol: Symbol): SlotPlace[] {
    const state = stateOf(symbol)
    const edits = typeof symbol === "number" ? (variants[symbol] ?? []) : null
    return mergeRanges(variants.flat()).map(({ start, end }) => ({
        start,
        end,
        state,
        form: edits && formIn(master, edits, start, end),
    }))
}

function mergeRanges(edits: readonly Edit[]): { start: number; end: number }[] {
    const list: { start: number; end: number }[] = []
    for (const { start, end } of edits.toSorted((a, b) => a.start - b.start)) {
        const last = list.at(-1)
        if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end)
        else list.push({ start, end })
    }
    return list
}

function formIn(master: string, edits: readonly Edit[], start: number, end: number): string {
    let [text, at] = ["", start]
    for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
        if (edit.start < start || edit.end > end) continue
        text += master.slice(at, edit.start) + edit.text
        at = edit.end
    }
    return text + master.slice(at, end)
}

/** Computes the windows around each place that the leak shows, and merges those that overlap. */
function windowsOf(master: string, places: readonly SlotPlace[]): { start: number; end: number }[] {
    const windows: { start: number; end: number }[] = []
    for (const { start: first, end: last, state } of places) {
        if (state === "erased") continue
        const start = Math.max(0, first - contextMax)
        const end = Math.min(master.length, last + contextMax)
        const before = windows.at(-1)
        if (before !== undefined && start <= before.end) before.end = Math.max(before.end, end)
        else windows.push({ start, end })
    }
    return windows
}

function piecesOf(master: string, places: readonly SlotPlace[], start: number, end: number): LeakViewPiece[] {
    const pieces: LeakViewPiece[] = []
    let at = start
    const addText = (until: number) => {
        if (until > at) pieces.push({ text: master.slice(at, until), state: null, form: null })
    }
    for (const { start: from, end: to, state, form } of places) {
        if (from < at) continue
        addText(from)
        pieces.push({ text: master.slice(from, to), state, form })
        at = to
    }
    addText(end)
    return pieces
}
