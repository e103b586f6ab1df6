/**
 * The entries of a ZIP, by its central directory, with the bytes that each packs.
 *
 * Entries that share bytes make a huge archive out of a small file without any nesting: the second is not opened.
 */
import { type Entry as ZipEntry, type ZipFile, fromBufferPromise } from "yauzl"
import { type Entry, type Listing, damagedListing, unopened, wordOf } from "../../models/archive/entry.ts"

export async function zipEntries(bytes: Uint8Array, entriesMax: number): Promise<Listing> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const zip = await openedZip(buffer)
    if (zip === null) return damagedListing
    const heads: Head[] = []
    let isWhole = true
    try {
        if (entriesMax > 0) {
            for await (const entry of zip.eachEntry()) {
                heads.push(await headOf(zip, entry, buffer))
                if (heads.length >= entriesMax) break
            }
        }
    } catch {
        isWhole = false
    }
    const shared = overlapping(heads)
    const entries = heads.map((head) => (shared.has(head) ? unopened(head.name, head.size, "overlap") : entryOf(head)))
    return { entries, hasMore: zip.entryCount > entriesMax, isWhole }
}

async function openedZip(buffer: Buffer): Promise<ZipFile | null> {
    try {
        return await fromBufferPromise(buffer, { decodeStrings: false, validateEntrySizes: false })
    } catch {
        return null
    }
}

interface Head {
    readonly name: string
    readonly size: number
    readonly crc32: number
    readonly why: Entry["why"]
    readonly method: number
    /** From the entry's own header to the end of its packed bytes. */
    readonly from: number
    readonly to: number
    readonly packed: Uint8Array | null
}

async function headOf(zip: ZipFile, entry: ZipEntry, buffer: Buffer): Promise<Head> {
    const from = entry.relativeOffsetOfLocalHeader
    const start = await startOf(zip, entry)
    const end = (start ?? from) + entry.compressedSize
    return {
        name: wordOf(entry.fileNameRaw),
        size: entry.uncompressedSize,
        crc32: entry.crc32,
        why: whyNot(entry),
        method: entry.compressionMethod,
        from,
        to: end,
        packed: start === null ? null : buffer.subarray(start, end),
    }
}

/** Returns where the packed bytes begin, after the entry's own header; null where some are missing. */
async function startOf(zip: ZipFile, entry: ZipEntry): Promise<number | null> {
    try {
        return (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart
    } catch {
        return null
    }
}

const unixHost = 3
const kindOfFile = 0o170000
const link = 0o120000
const devices = [0o010000, 0o020000, 0o060000, 0o140000]
const slash = 0x2f
/** Encrypted, strongly encrypted, or with a masked header. */
const hidden = 0x2041

function whyNot(entry: ZipEntry): Entry["why"] {
    const isUnix = entry.versionMadeBy >> 8 === unixHost
    const mode = isUnix ? (entry.externalFileAttributes >>> 16) & kindOfFile : 0
    if (mode === link) return "link"
    if (devices.includes(mode)) return "device"
    if (entry.fileNameRaw.at(-1) === slash) return "folder"
    return (entry.generalPurposeBitFlag & hidden) === 0 ? null : "encrypted"
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
