/**
 * What a carrier finds in a document: slots, places where several forms say the same.
 *
 * A slot lists, for each of its variants, the splices that realise it. Variant 0 leaves the text as it was written.
 * Writing a mark is choosing a variant at every slot; reading one back is telling which variants survived.
 */

/**
 * What a slot outlives, weakest first: `typography` dies with any normalising of characters; `tripwire` with a house style or
 * sorted keys and, in code, with its comments, a formatter or a linter's fixes; `order` when somebody sorts lists; `wording`
 * when somebody rephrases; `value` lives as long as the fact itself is told.
 */
export type Robustness = "typography" | "tripwire" | "order" | "wording" | "value"

/** Whether a slot is evidence. Typography is a layer of its own, drawn and weighed apart, and counts for nothing. */
export const isCounted = ({ robustness }: { readonly robustness: string }): boolean => robustness !== "typography"

/** Replaces the characters from `start` up to, not including, `end` (UTF-16 offsets in the master). */
export interface Edit {
    readonly start: number
    readonly end: number
    readonly text: string
    /** A move: what the copy has from here to there goes there, the choices of other slots in it included; `text` is the master's. */
    readonly from?: [start: number, end: number]
}

export interface Slot {
    /** Content-addressed: the same slot keeps its id when text elsewhere in the document changes. */
    readonly id: string
    /** What kind of choice it is: `synonym`, `list-order`, `local-name`, … */
    readonly kind: string
    readonly robustness: Robustness
    /**
     * At least two. `variants[v]` are the splices of variant v; those of one slot and of different slots never overlap, but
     * that what is moved may hold splices of others whole.
     */
    readonly variants: readonly (readonly Edit[])[]
}

/** What slots are to the code that draws words. */
export function placesOf(slots: readonly Slot[]): { id: string; size: number; apart: boolean }[] {
    return slots.map((slot) => ({ id: slot.id, size: slot.variants.length, apart: !isCounted(slot) }))
}

/** One variant index a slot, in the order of the slots. */
export type Word = readonly number[]

/** A slot as read from a leak: the variant; null where it was erased or is ambiguous; "mixed" where copies disagree. */
export type Symbol = number | null | "mixed"

export interface Carrier {
    readonly name: string
    /** The document's slots, in text order. Throws a Refusal where the document is not of this carrier's format. */
    slots(text: string): Slot[]
}

/** The document with the chosen variants spliced in. Same input, same output, byte for byte. */
export function applyWord(text: string, slots: readonly Slot[], word: Word): string {
    const chosen = slots.flatMap(({ variants }, slot) =>
        (variants[word[slot] ?? 0] ?? []).map((edit) => ({ edit, slot, start: edit.start, end: edit.end })),
    )
    const inOrder = chosen.toSorted(outerFirst)
    const parts: string[] = []
    const copy = (start: number, end: number, without: number): void => {
        let at = start
        for (let i = firstFrom(inOrder, start); i < inOrder.length; i++) {
            const next = inOrder[i]
            if (next === undefined || next.end > end) break
            if (next.start < at || next.slot === without) continue
            parts.push(text.slice(at, next.start))
            if (next.edit.from === undefined) parts.push(next.edit.text)
            else copy(...next.edit.from, next.slot)
            at = next.end
        }
        parts.push(text.slice(at, end))
    }
    copy(0, text.length, -1)
    return parts.join("")
}

type Placed = Pick<Edit, "start" | "end">

/** In the order of the text, what is moved before what is in it, and what is put in before what is put in another's place. */
function outerFirst(a: Placed & { edit: Edit }, b: Placed & { edit: Edit }): number {
    const [ofA, ofB] = [a, b].map(({ edit }) => Number(edit.from !== undefined)) as [number, number]
    return a.start - b.start || ofB - ofA || (ofA === 1 ? b.end - a.end : a.end - b.end)
}

/** The index of the first that begins there or later, by halving. */
function firstFrom(inOrder: readonly Placed[], start: number): number {
    let [low, high] = [0, inOrder.length]
    while (low < high) {
        const middle = (low + high) >> 1
        if ((inOrder[middle]?.start ?? 0) < start) low = middle + 1
        else high = middle
    }
    return low
}

/** Writes a copy to the start of `into`, which has room for it and `writerSlack` bytes, and returns its length in bytes. */
export type Writer = (word: Word, into: Uint8Array) => number

/** What lies between two splices is copied in steps of 4 bytes, of which the last may reach 3 too far. */
export const writerSlack = 3

/** As `applyWord` in UTF-8, for many copies of one document: a third of the time, since all splices are put in order once. */
export function writerOf(text: string, slots: readonly Slot[]): Writer {
    const utf8 = new TextEncoder()
    const master = utf8.encode(text)
    const words = new DataView(new ArrayBuffer(master.length + writerSlack))
    new Uint8Array(words.buffer).set(master)
    const byteAt = byteOffsets(text)
    const edits = slots.flatMap(({ variants }, slot) =>
        variants.flatMap((edits, variant) =>
            edits.map((edit) => {
                const [start, end] = [byteAt[edit.start] ?? 0, byteAt[edit.end] ?? 0]
                return { slot, variant, edit, start, end, bytes: utf8.encode(edit.text) }
            }),
        ),
    )
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
    return (word, into) => {
        const out = new DataView(into.buffer, into.byteOffset, into.byteLength)
        const at = (row: number, column: number): number => table[row * columns + column] ?? 0
        let to = 0
        const write = (stretch: Stretch, without: number): void => {
            let from = stretch.start
            for (let row = stretch.first; row < stretch.last; row++) {
                const [slot, start] = [at(row, 0), at(row, 2)]
                if ((word[slot] ?? 0) !== at(row, 1) || start < from || slot === without) continue
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
 * The numbers of a splice: slot, variant, start, end, and the range of its bytes in the bank. One flat table is read faster than an
 * object for each splice.
 */
const columns = 6

/** Bytes of the master, and which splices may begin in them. */
interface Stretch {
    readonly start: number
    readonly end: number
    readonly first: number
    readonly last: number
}

/** Where each UTF-16 unit of the text, and its end, stands in UTF-8. */
function byteOffsets(text: string): Uint32Array {
    const offsets = new Uint32Array(text.length + 1)
    let at = 0
    for (let i = 0; i < text.length; i++) {
        offsets[i] = at
        const point = text.codePointAt(i) ?? 0
        at += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
        // The second half of a pair stands where the first has ended.
        if (point >= 0x10000) offsets[++i] = at
    }
    offsets[text.length] = at
    return offsets
}

/** The length in bytes of the longest copy that any word can give: all copies are padded to its bucket. */
export function longestCopyBytes(masterBytes: number, slots: readonly Slot[]): number {
    const grown = slots.map((slot) =>
        Math.max(
            0,
            ...slot.variants.map((edits) =>
                edits.reduce((sum, edit) => sum + bytesOf(edit.text) - (edit.end - edit.start), 0),
            ),
        ),
    )
    return masterBytes + grown.reduce((sum, value) => sum + value, 0)
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
    return encoder.encode(text).length
}
