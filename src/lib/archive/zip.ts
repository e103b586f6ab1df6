/**
 * ZIP (APPNOTE 6.3): the entries of the central directory, with what each packs.
 *
 * Two entries that share bytes are how a small file becomes a huge one without any nesting: the second is not opened.
 */
import { type Entry, type Listing, damagedListing, unopened, viewOf, wordOf } from "./entry.ts"

const endSignature = 0x06054b50
const end64Signature = 0x06064b50
const locatorSignature = 0x07064b50
const centralSignature = 0x02014b50
const localSignature = 0x04034b50

const endBytes = 22
const end64Bytes = 56
const locatorBytes = 20
const centralBytes = 46
const localBytes = 30
const commentMax = 0xffff
const seeExtra = 0xffffffff

export function zipEntries(bytes: Uint8Array, entriesMax: number): Listing {
    const view = viewOf(bytes)
    const end = endOf(view)
    const directory = end === null ? null : directoryOf(view, end)
    if (directory === null) return damagedListing
    const heads: Head[] = []
    let [at, isWhole] = [directory.at, true]
    while (heads.length < Math.min(directory.count, entriesMax)) {
        const head = headAt(bytes, view, at)
        if (head === null) isWhole = false
        if (head === null) break
        heads.push(head)
        at = head.next
    }
    const shared = overlapping(heads)
    const entries = heads.map((head) => (shared.has(head) ? unopened(head.name, head.size, "overlap") : entryOf(head)))
    return { entries, hasMore: directory.count > entriesMax, isWhole }
}

/** The last record of its kind whose comment ends where the file does. */
function endOf(view: DataView): number | null {
    const first = Math.max(0, view.byteLength - endBytes - commentMax)
    for (let at = view.byteLength - endBytes; at >= first; at--) {
        if (view.getUint32(at, true) !== endSignature) continue
        if (at + endBytes + view.getUint16(at + 20, true) === view.byteLength) return at
    }
    return null
}

function directoryOf(view: DataView, end: number): { readonly at: number; readonly count: number } | null {
    const near = { count: view.getUint16(end + 10, true), at: view.getUint32(end + 16, true) }
    if (near.count !== 0xffff && near.at !== seeExtra) return near.at <= end ? near : null
    const locator = end - locatorBytes
    if (locator < 0 || view.getUint32(locator, true) !== locatorSignature) return near.at <= end ? near : null
    const at = numberAt(view, locator + 8)
    if (at === null || at + end64Bytes > end || view.getUint32(at, true) !== end64Signature) return null
    const [count, start] = [numberAt(view, at + 32), numberAt(view, at + 48)]
    return count === null || start === null ? null : { count, at: start }
}

interface Head {
    readonly name: string
    readonly size: number
    readonly crc32: number
    readonly why: Entry["why"]
    readonly method: number
    /** From its own header to the end of what it packs. */
    readonly from: number
    readonly to: number
    readonly packed: Uint8Array | null
    readonly next: number
}

function headAt(bytes: Uint8Array, view: DataView, at: number): Head | null {
    if (at + centralBytes > view.byteLength || view.getUint32(at, true) !== centralSignature) return null
    const nameAt = at + centralBytes
    const extraAt = nameAt + view.getUint16(at + 28, true)
    const commentAt = extraAt + view.getUint16(at + 30, true)
    const next = commentAt + view.getUint16(at + 32, true)
    if (next > view.byteLength) return null
    const far = farNumbers(view, { at, extraAt, extraEnd: commentAt })
    if (far === null) return null
    const rawName = bytes.subarray(nameAt, extraAt)
    const start = startOf(view, far)
    return {
        ...{ name: wordOf(rawName), size: far.size, crc32: view.getUint32(at + 16, true), next },
        ...{ from: far.from, to: (start ?? far.from) + far.packed },
        method: view.getUint16(at + 10, true),
        why: whyNot(view, at, rawName),
        packed: start === null ? null : bytes.subarray(start, start + far.packed),
    }
}

interface Far {
    readonly size: number
    readonly packed: number
    readonly from: number
}

/** Sizes and place, from the extra field where they do not fit. */
function farNumbers(view: DataView, head: { at: number; extraAt: number; extraEnd: number }): Far | null {
    const said = [view.getUint32(head.at + 24, true), view.getUint32(head.at + 20, true)]
    said.push(view.getUint32(head.at + 42, true))
    let extra = extra64(view, head.extraAt, head.extraEnd)
    const numbers: number[] = []
    for (const one of said) {
        if (one !== seeExtra || extra === null) {
            numbers.push(one)
            continue
        }
        const far = extra.at + 8 <= extra.end ? numberAt(view, extra.at) : null
        if (far === null) return null
        numbers.push(far)
        extra = { at: extra.at + 8, end: extra.end }
    }
    const [size = 0, packed = 0, from = 0] = numbers
    return { size, packed, from }
}

function extra64(view: DataView, start: number, end: number): { at: number; end: number } | null {
    for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
        const its = at + 4 + view.getUint16(at + 2, true)
        if (view.getUint16(at, true) === 1 && its <= end) return { at: at + 4, end: its }
    }
    return null
}

const unixHost = 3
const kindOfFile = 0o170000
const link = 0o120000
const devices = [0o010000, 0o020000, 0o060000, 0o140000]
const slash = 0x2f
const hidden = 0x2041

function whyNot(view: DataView, at: number, rawName: Uint8Array): Entry["why"] {
    const mode = view.getUint8(at + 5) === unixHost ? view.getUint16(at + 40, true) & kindOfFile : 0
    if (mode === link) return "link"
    if (devices.includes(mode)) return "device"
    if (rawName.at(-1) === slash) return "folder"
    return (view.getUint16(at + 8, true) & hidden) === 0 ? null : "encrypted"
}

/** Where what it packs begins, behind the entry's own header; null where there is none, or not that much. */
function startOf(view: DataView, { from, packed }: Far): number | null {
    if (from + localBytes > view.byteLength || view.getUint32(from, true) !== localSignature) return null
    const start = from + localBytes + view.getUint16(from + 26, true) + view.getUint16(from + 28, true)
    return start + packed <= view.byteLength ? start : null
}

function overlapping(heads: readonly Head[]): Set<Head> {
    const found = new Set<Head>()
    let taken = 0
    for (const head of heads.toSorted((a, b) => a.from - b.from)) {
        if (head.packed === null) continue
        if (head.from < taken) found.add(head)
        taken = Math.max(taken, head.to)
    }
    return found
}

const stored = 0
const deflated = 8

function entryOf({ name, size, crc32, why, method, packed }: Head): Entry {
    if (why !== null) return unopened(name, size, why)
    if (packed === null) return unopened(name, size, "damaged")
    if (method !== stored && method !== deflated) return unopened(name, size, "method")
    return { name, packed, isDeflated: method === deflated, size, crc32, why: null }
}

/** Eight bytes; null for what is beyond any file. */
function numberAt(view: DataView, at: number): number | null {
    const number = view.getBigUint64(at, true)
    return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : null
}
