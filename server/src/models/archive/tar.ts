/**
 * Reads TAR: ustar, with the long names and sizes of pax and GNU. Reads block by block, as far as the archive is
 * complete.
 */
import { hasTarSum } from "../content-type.ts"
import { type Entry, type Listing, type SkipReason, skippedEntry, displayName } from "./entry.ts"

const block = 512
/** The longest record with facts about the next entry. */
const recordMax = 64 * 1024

interface NextEntryFacts {
    readonly name?: Uint8Array
    readonly size?: number
}

/** Returns the entries of a tar archive, at most `entriesMax`. A damaged header ends the list. */
export function tarEntries(bytes: Uint8Array, entriesMax: number): Listing {
    const entries: Entry[] = []
    let nextEntry: NextEntryFacts = {}
    for (let at = 0; ;) {
        const header = bytes.subarray(at, at + block)
        if (header.length < block) return { entries, hasMore: false, isWhole: at > 0 && at === bytes.length }
        if (header.every((byte) => byte === 0)) return { entries, hasMore: false, isWhole: true }
        if (entries.length >= entriesMax) return { entries, hasMore: true, isWhole: true }
        const size = hasTarSum(header) ? (nextEntry.size ?? numberIn(header.subarray(124, 136))) : null
        if (size === null) return { entries, hasMore: false, isWhole: false }
        const type = String.fromCharCode(header[156] ?? 0)
        const body = bytes.subarray(at + block, at + block + size)
        at += block + Math.ceil(size / block) * block
        if (type === "x" || type === "L") {
            if (size > recordMax || body.length < size) return { entries, hasMore: false, isWhole: false }
            nextEntry = { ...nextEntry, ...(type === "x" ? readPaxFacts(body) : { name: beforeNul(body) }) }
        } else if (type !== "g" && type !== "K") {
            entries.push(entryOf(displayName(nextEntry.name ?? nameIn(header)), type, size, body))
            nextEntry = {}
        }
    }
}

const kinds: Readonly<Record<string, SkipReason | null>> = {
    "0": null,
    "\0": null,
    "7": null,
    "1": "link",
    "2": "link",
    "3": "device",
    "4": "device",
    "5": "folder",
    "6": "device",
}

function entryOf(name: string, type: string, size: number, body: Uint8Array): Entry {
    const reason = type in kinds ? (kinds[type] ?? null) : "method"
    if (reason !== null) return skippedEntry(name, size, reason)
    if (body.length < size) return skippedEntry(name, size, "damaged")
    return { name, packed: body, isDeflated: false, size, crc32: null, reason: null }
}

/**
 * Parses a number: octal, or base 256 where octal is too short. Returns null for other bytes, or a size above any
 * file's.
 */
function numberIn(field: Uint8Array): number | null {
    const [first = 0] = field
    if (first === 0x80) {
        const number = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
        return Number.isSafeInteger(number) ? number : null
    }
    const digits = /^ *([0-7]*)[\0 ]*$/.exec(new TextDecoder("latin1").decode(field))?.[1]
    return digits === undefined ? null : Number.parseInt(`0${digits}`, 8)
}

function nameIn(header: Uint8Array): Uint8Array {
    const name = beforeNul(header.subarray(0, 100))
    const isUstar = new TextDecoder("latin1").decode(header.subarray(257, 263)) === "ustar\0"
    const prefix = isUstar ? beforeNul(header.subarray(345, 500)) : name.subarray(0, 0)
    return prefix.length === 0 ? name : new Uint8Array([...prefix, 0x2f, ...name])
}

function beforeNul(field: Uint8Array): Uint8Array {
    const end = field.indexOf(0)
    return end === -1 ? field : field.subarray(0, end)
}

/** Reads the records `length key=value` of a pax header, each with a line break. Ignores unknown keys. */
function readPaxFacts(body: Uint8Array): NextEntryFacts {
    const facts: { name?: Uint8Array; size?: number } = {}
    for (let at = 0; at < body.length;) {
        const line = /^(\d{1,6}) ([^=]{1,100})=/.exec(new TextDecoder("latin1").decode(body.subarray(at, at + 120)))
        const length = Number(line?.[1] ?? 0)
        if (line === null || length <= line[0].length) break
        const value = body.subarray(at + line[0].length, at + length - 1)
        if (line[2] === "path") facts.name = value
        const number = Number(new TextDecoder("latin1").decode(value))
        if (line[2] === "size" && Number.isSafeInteger(number) && number >= 0) facts.size = number
        at += length
    }
    return facts
}
