/**
 * Reads the entries of a ZIP by its central directory, with their packed bytes.
 *
 * Entries that share bytes make a huge archive out of a small file without nesting. So the second of such entries is
 * not extracted.
 */
import { type Entry as ZipEntry, type ZipFile, fromBufferPromise } from "yauzl"
import { type Entry, type Listing, damagedListing, skippedEntry, displayName } from "../../models/archive/entry.ts"

export async function zipEntries(bytes: Uint8Array, entriesMax: number): Promise<Listing> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const zip = await openZip(buffer)
    if (zip === null) return damagedListing
    const headers: ZipHeader[] = []
    let isWhole = true
    try {
        if (entriesMax > 0) {
            for await (const entry of zip.eachEntry()) {
                headers.push(await readHeader(zip, entry, buffer))
                if (headers.length >= entriesMax) break
            }
        }
    } catch {
        isWhole = false
    }
    const overlaps = overlappingHeaders(headers)
    const entries = headers.map((header) =>
        overlaps.has(header) ? skippedEntry(header.name, header.size, "overlap") : entryOf(header),
    )
    return { entries, hasMore: zip.entryCount > entriesMax, isWhole }
}

async function openZip(buffer: Buffer): Promise<ZipFile | null> {
    try {
        return await fromBufferPromise(buffer, { decodeStrings: false, validateEntrySizes: false })
    } catch {
        return null
    }
}

interface ZipHeader {
    readonly name: string
    readonly size: number
    readonly crc32: number
    readonly reason: Entry["reason"]
    readonly method: number
    /** From the entry's own header to the end of its packed bytes. */
    readonly from: number
    readonly to: number
    readonly packed: Uint8Array | null
}

async function readHeader(zip: ZipFile, entry: ZipEntry, buffer: Buffer): Promise<ZipHeader> {
    const from = entry.relativeOffsetOfLocalHeader
    const start = await findPackedStart(zip, entry)
    const end = (start ?? from) + entry.compressedSize
    return {
        name: displayName(entry.fileNameRaw),
        size: entry.uncompressedSize,
        crc32: entry.crc32,
        reason: skipReasonOf(entry),
        method: entry.compressionMethod,
        from,
        to: end,
        packed: start === null ? null : buffer.subarray(start, end),
    }
}

/** Returns where the packed bytes begin, after the entry's own header; null where some are missing. */
async function findPackedStart(zip: ZipFile, entry: ZipEntry): Promise<number | null> {
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
/** Flags for encrypted, strongly encrypted, or masked headers. */
const encryptionFlags = 0x2041

function skipReasonOf(entry: ZipEntry): Entry["reason"] {
    const isUnix = entry.versionMadeBy >> 8 === unixHost
    const mode = isUnix ? (entry.externalFileAttributes >>> 16) & kindOfFile : 0
    if (mode === link) return "link"
    if (devices.includes(mode)) return "device"
    if (entry.fileNameRaw.at(-1) === slash) return "folder"
    return (entry.generalPurposeBitFlag & encryptionFlags) === 0 ? null : "encrypted"
}

function overlappingHeaders(headers: readonly ZipHeader[]): Set<ZipHeader> {
    const overlaps = new Set<ZipHeader>()
    let lastEnd = 0
    for (const header of headers.toSorted((a, b) => a.from - b.from)) {
        if (header.packed === null) continue
        if (header.from < lastEnd) overlaps.add(header)
        lastEnd = Math.max(lastEnd, header.to)
    }
    return overlaps
}

const stored = 0
const deflated = 8

function entryOf({ name, size, crc32, reason, method, packed }: ZipHeader): Entry {
    if (reason !== null) return skippedEntry(name, size, reason)
    if (packed === null) return skippedEntry(name, size, "damaged")
    if (method !== stored && method !== deflated) return skippedEntry(name, size, "method")
    return { name, packed, isDeflated: method === deflated, size, crc32, reason: null }
}
