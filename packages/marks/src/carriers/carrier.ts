/**
 * Defines carriers, which find the slots of a document: places where several forms mean the same.
 *
 * For each variant, a slot lists the edits that produce it. Variant 0 leaves the text as it was written. Marking
 * chooses a variant at every slot; reading finds the variants that survived.
 */
import { keptTexts } from "./kept-text.ts"

/**
 * What a slot survives, weakest first. `typography` is lost when characters are normalised. `fragile` is lost to a
 * house style or sorted keys; in code, its comments, a formatter or lint fixes. `order` is lost when lists are sorted,
 * `wording` when text is rephrased. `value` survives as long as the fact is stated.
 */
export type Robustness = "typography" | "fragile" | "order" | "wording" | "value"

/** Checks whether a slot is evidence. The typography layer is generated and weighed apart, and counts for nothing. */
export const isCounted = ({ robustness }: { readonly robustness: string }): boolean => robustness !== "typography"

/** Replaces the characters from `start` up to, but without, `end` (UTF-16 offsets in the master). */
export interface Edit {
    readonly start: number
    readonly end: number
    readonly text: string
    /**
     * The source of a move: the copy's text of this range, with the choices of other slots inside it. `text` is the
     * master's.
     */
    readonly from?: [start: number, end: number]
}

/** A place with several forms. */
export interface Slot {
    /** An id by content. It stays the same when text elsewhere in the document changes. */
    readonly id: string
    /** The kind of choice: `synonym`, `list-order`, `local-name`, … */
    readonly kind: string
    readonly robustness: Robustness
    /**
     * At least two variants. `variants[v]` lists the edits of variant v. Edits never overlap, within a slot or between
     * slots, but a moved range may contain whole edits of other slots.
     */
    readonly variants: readonly (readonly Edit[])[]
}

/** Reduces slots to what the code needs to generate codewords. */
export function placesOf(slots: readonly Slot[]): { id: string; size: number; isSeparateLayer: boolean }[] {
    return slots.map((slot) => ({ id: slot.id, size: slot.variants.length, isSeparateLayer: !isCounted(slot) }))
}

/** A codeword: one variant index for each slot, in the order of the slots. */
export type Codeword = readonly number[]

/**
 * The symbol of a slot read from a leak: the variant; null if it was erased or is ambiguous; "mixed" if copies
 * disagree.
 */
export type Symbol = number | null | "mixed"

/** Finds the slots of one format. */
export interface Carrier {
    readonly name: string
    /**
     * Lists the document's slots in text order. Throws a `Refusal` if the document does not have this carrier's format.
     */
    slots(text: string): Slot[]
}

/** Writes a copy: splices the chosen variants and kept words into the document. The same input gives the same bytes. */
export function applyCodeword(text: string, slots: readonly Slot[], codeword: Codeword): string {
    const chosen = slots.flatMap(({ variants }, slot) =>
        (variants[codeword[slot] ?? 0] ?? []).map((edit) => ({ edit, slot, start: edit.start, end: edit.end })),
    )
    const inOrder = [...chosen, ...keptEdits(text)].toSorted(outerFirst)
    const parts: string[] = []
    const appendRange = (start: number, end: number, skippedSlot: number): void => {
        let at = start
        for (let i = firstFrom(inOrder, start); i < inOrder.length; i++) {
            const next = inOrder[i]
            if (next === undefined || next.end > end) break
            if (next.start < at || next.slot === skippedSlot) continue
            parts.push(text.slice(at, next.start))
            if (next.edit.from === undefined) parts.push(next.edit.text)
            else appendRange(...next.edit.from, next.slot)
            at = next.end
        }
        parts.push(text.slice(at, end))
    }
    appendRange(0, text.length, -1)
    return parts.join("")
}

/** The slot number of kept words. It comes before all slots, and every codeword chooses its only variant. */
const keptSlot = -2

/** The edits that every copy has: kept words without their notation. */
function keptEdits(text: string): { edit: Edit; slot: number; variant: number; start: number; end: number }[] {
    return keptTexts(text).map((edit) => ({ edit, slot: keptSlot, variant: 0, start: edit.start, end: edit.end }))
}

type EditSpan = Pick<Edit, "start" | "end">

/** Orders edits by text position: moves before edits inside them, and insertions before replacements. */
function outerFirst(a: EditSpan & { edit: Edit }, b: EditSpan & { edit: Edit }): number {
    const [ofA, ofB] = [a, b].map(({ edit }) => Number(edit.from !== undefined)) as [number, number]
    return a.start - b.start || ofB - ofA || (ofA === 1 ? b.end - a.end : a.end - b.end)
}

/** Finds the first edit that begins at `start` or later, by binary search. */
function firstFrom(inOrder: readonly EditSpan[], start: number): number {
    let [low, high] = [0, inOrder.length]
    while (low < high) {
        const middle = (low + high) >> 1
        if ((inOrder[middle]?.start ?? 0) < start) low = middle + 1
        else high = middle
    }
    return low
}

/**
 * Writes a copy to the start of `into`, which needs room for the copy and `writerSlack` bytes. Returns the copy's
 * length in bytes.
 */
export type Writer = (codeword: Codeword, into: Uint8Array) => number

/** The number of bytes that a copy step may write too far. Text between edits is copied in steps of 4 bytes. */
export const writerSlack = 3

/**
 * Does what `applyCodeword` does, in UTF-8, for many copies of one document. It takes a third of the time, because it
 * sorts all edits once.
 */
export function writerOf(text: string, slots: readonly Slot[]): Writer {
    const utf8 = new TextEncoder()
    const master = utf8.encode(text)
    const words = new DataView(new ArrayBuffer(master.length + writerSlack))
    new Uint8Array(words.buffer).set(master)
    const byteAt = byteOffsets(text)
    const chosen = slots.flatMap(({ variants }, slot) =>
        variants.flatMap((edits, variant) => edits.map((edit) => ({ slot, variant, edit }))),
    )
    const edits = [...chosen, ...keptEdits(text)].map(({ slot, variant, edit }) => {
        const [start, end] = [byteAt[edit.start] ?? 0, byteAt[edit.end] ?? 0]
        return { slot, variant, edit, start, end, bytes: utf8.encode(edit.text) }
    })
    const inOrder = edits.toSorted(outerFirst)
    const bank = Buffer.concat(inOrder.map(({ bytes }) => bytes))
    const table = new Int32Array(inOrder.length * columns)
    const moved = new Map<number, Stretch>()
    let banked = 0
    for (const [n, { slot, variant, start, end, bytes, edit }] of inOrder.entries()) {
        table.set([slot, variant, start, end, banked, (banked += bytes.length)], n * columns)
        if (edit.from === undefined) continue
        const [first, last] = [byteAt[edit.from[0]] ?? 0, byteAt[edit.from[1]] ?? 0]
        moved.set(n, { start: first, end: last, first: firstFrom(inOrder, first), last: firstFrom(inOrder, last) })
    }
    const whole = { start: 0, end: master.length, first: 0, last: inOrder.length }
    return (codeword, into) => {
        const out = new DataView(into.buffer, into.byteOffset, into.byteLength)
        const at = (row: number, column: number): number => table[row * columns + column] ?? 0
        let to = 0
        const write = (stretch: Stretch, skippedSlot: number): void => {
            let from = stretch.start
            for (let row = stretch.first; row < stretch.last; row++) {
                const [slot, start] = [at(row, 0), at(row, 2)]
                if ((codeword[slot] ?? 0) !== at(row, 1) || start < from || slot === skippedSlot) continue
                for (let n = 0; n < start - from; n += 4) out.setUint32(to + n, words.getUint32(from + n))
                to += start - from
                const piece = moved.get(row)
                if (piece !== undefined) write(piece, slot)
                else for (let n = at(row, 4); n < at(row, 5); n++) into[to++] = bank[n] ?? 0
                from = at(row, 3)
            }
            into.set(master.subarray(from, stretch.end), to)
            to += stretch.end - from
        }
        write(whole, -1)
        return to
    }
}

/**
 * The numbers for an edit: slot, variant, start, end, and the range of its bytes in the bank. A flat table is faster
 * than one object for each edit.
 */
const columns = 6

/** A range of bytes of the master, and the edits that may begin there. */
interface Stretch {
    readonly start: number
    readonly end: number
    readonly first: number
    readonly last: number
}

/** Maps each UTF-16 offset of the text, including its end, to a UTF-8 offset. */
function byteOffsets(text: string): Uint32Array {
    const offsets = new Uint32Array(text.length + 1)
    let at = 0
    for (let i = 0; i < text.length; i++) {
        offsets[i] = at
        const point = text.codePointAt(i) ?? 0
        at += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
        // The second half of a surrogate pair maps to the end of the character.
        if (point >= 0x10000) offsets[++i] = at
    }
    offsets[text.length] = at
    return offsets
}

/** Computes the length in bytes of the longest possible copy. All copies are padded to its bucket. */
export function longestCopyBytes(masterBytes: number, slots: readonly Slot[]): number {
    const grown = slots.map((slot) =>
        Math.max(
            0,
            ...slot.variants.map((edits) =>
                edits.reduce((sum, edit) => sum + byteLength(edit.text) - (edit.end - edit.start), 0),
            ),
        ),
    )
    return masterBytes + grown.reduce((sum, value) => sum + value, 0)
}

const encoder = new TextEncoder()

function byteLength(text: string): number {
    return encoder.encode(text).length
}
