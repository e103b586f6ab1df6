/**
 * Extracts an archive and the archives inside it, within limits. Lists all entries, those that were not extracted
 * with the reason.
 *
 * It writes no file and follows no name. The caller provides the functions that unpack, which stop at a size.
 */
import { type Content, detectContent } from "../content-type.ts"
import type { Entry, Listing, SkipReason } from "./entry.ts"
import { tarEntries } from "./tar.ts"

/** The limits of extraction. */
export interface ExtractionLimits {
    /** The limit for all nested archives together. */
    readonly entriesMax: number
    /** The limit of unpacked bytes for all archives together. Bytes of a failed extraction count too. */
    readonly bytesMax: number
    /** The maximum of unpacked bytes for each packed byte. A small entry may always have `smallBytes`. */
    readonly ratioMax: number
    readonly smallBytes: number
    /** The maximum nesting of archives, the outermost included. */
    readonly depthMax: number
}

/** The functions that unpack. The caller provides them, because models do no I/O. */
export interface Unpacker {
    /**
     * Returns at most `bytesMax` bytes. Returns `size` where there are more, and `damaged` where the bytes cannot be
     * unpacked.
     */
    readonly inflate: (packed: Uint8Array, bytesMax: number) => Uint8Array | "size" | "damaged"
    readonly gunzip: (packed: Uint8Array, bytesMax: number) => Uint8Array | "size" | "damaged"
    readonly crc32: (bytes: Uint8Array) => number
    readonly zipEntries: (bytes: Uint8Array, entriesMax: number) => Promise<Listing>
}

/** An extracted entry, or one that was not extracted. */
export interface Part {
    /** The names on the path to the entry, the outermost first. */
    readonly names: readonly string[]
    /** The unpacked size in bytes; for an entry that was not unpacked, the size that the archive states. */
    readonly size: number
    /** Null for an entry that was not unpacked. */
    readonly bytes: Uint8Array | null
    readonly content: Content | null
    /** Null where the entry was extracted or needs no extraction. */
    readonly reason: SkipReason | null
}

/** All parts of an archive, including those of archives inside it. */
export interface ExtractedArchive {
    readonly parts: readonly Part[]
    /** Whether there are more entries than the limit, and whether the archive is complete. */
    readonly hasMore: boolean
    readonly isWhole: boolean
}

interface Budget {
    entries: number
    bytes: number
}

/** Extracts an archive and the archives inside it, within the limits. Never throws for a bad archive. */
export async function extractArchive(
    bytes: Uint8Array,
    unpacker: Unpacker,
    limits: ExtractionLimits,
): Promise<ExtractedArchive> {
    const budget = { entries: limits.entriesMax, bytes: limits.bytesMax }
    return await extract({ bytes, names: [] }, { unpacker, limits, budget })
}

interface Archive {
    readonly bytes: Uint8Array
    readonly names: readonly string[]
}

interface Extraction {
    readonly unpacker: Unpacker
    readonly limits: ExtractionLimits
    readonly budget: Budget
}

async function extract({ bytes, names }: Archive, extraction: Extraction): Promise<ExtractedArchive> {
    const listing = await listEntries(bytes, extraction)
    let { hasMore } = listing
    const parts: Part[] = []
    for (const entry of listing.entries) {
        if (extraction.budget.entries <= 0) hasMore = true
        if (extraction.budget.entries-- <= 0) break
        const part = extractEntry(entry, names, extraction)
        const inner = part.bytes !== null && isExtractable(part.content) ? part.bytes : null
        if (inner === null) parts.push(part)
        else if (part.names.length >= extraction.limits.depthMax) parts.push({ ...part, reason: "depth" })
        else {
            const innerArchive = await extract({ bytes: inner, names: part.names }, extraction)
            parts.push({ ...part, reason: innerArchive.isWhole ? null : "damaged" }, ...innerArchive.parts)
            hasMore ||= innerArchive.hasMore
        }
    }
    return { parts, hasMore, isWhole: listing.isWhole }
}

const isExtractable = (content: Content | null): boolean =>
    content?.kind === "archive" && ["zip", "tar", "gzip"].includes(content.format ?? "")

/** The name of a gzip's entry. The name in its header is not trusted. */
const gzipEntryName = "contents"

async function listEntries(bytes: Uint8Array, { budget, unpacker }: Extraction): Promise<Listing> {
    const { format } = detectContent(bytes)
    if (format === "zip") return await unpacker.zipEntries(bytes, budget.entries)
    if (format === "tar") return tarEntries(bytes, budget.entries)
    const entry = { name: gzipEntryName, packed: bytes, isDeflated: true, size: 0, crc32: null, reason: null }
    return { entries: [entry], hasMore: false, isWhole: true }
}

function extractEntry(entry: Entry, parentNames: readonly string[], { unpacker, limits, budget }: Extraction): Part {
    const names = [...parentNames, entry.name]
    const skipped = (reason: SkipReason): Part => ({ names, size: entry.size, bytes: null, content: null, reason })
    if (entry.reason !== null) return skipped(entry.reason)
    if (!entry.isDeflated && entry.packed.length > budget.bytes) return skipped("size")
    const ratioBytesMax = Math.max(limits.smallBytes, entry.packed.length * limits.ratioMax)
    const bytesMax = Math.min(budget.bytes, ratioBytesMax)
    if (bytesMax <= 0) return skipped("size")
    const bytes = entry.isDeflated ? inflateEntry(entry, bytesMax, unpacker) : entry.packed
    if (bytes === "size" || bytes === "damaged") {
        budget.bytes -= bytesMax
        return skipped(bytes === "size" && ratioBytesMax < budget.bytes + bytesMax ? "ratio" : bytes)
    }
    budget.bytes -= bytes.length
    const hasStatedSize = isGzip(entry) || bytes.length === entry.size
    if (!hasStatedSize || (entry.crc32 !== null && unpacker.crc32(bytes) !== entry.crc32)) return skipped("damaged")
    if (bytes.length === 0) return skipped("empty")
    return { names, size: bytes.length, bytes, content: detectContent(bytes), reason: null }
}

/** Whether the entry is a gzip. A deflated entry of a container has a checksum of its own. */
const isGzip = ({ isDeflated, crc32 }: Entry): boolean => isDeflated && crc32 === null

function inflateEntry(entry: Entry, bytesMax: number, { inflate, gunzip }: Unpacker): Uint8Array | "size" | "damaged" {
    return isGzip(entry) ? gunzip(entry.packed, bytesMax) : inflate(entry.packed, bytesMax)
}
