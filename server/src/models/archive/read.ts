/**
 * Extracts an archive and the archives inside it, within limits. Lists all entries, those that were not extracted
 * with the reason.
 *
 * It writes no file and follows no name. The caller provides the functions that unpack, which stop at a size.
 */
import { type Content, contentOf } from "../content-type.ts"
import type { Entry, Listing, NotOpened } from "./entry.ts"
import { tarEntries } from "./tar.ts"

/** The limits of extraction. */
export interface OpeningLimits {
    /** Over all archives, one in the other. */
    readonly entriesMax: number
    /** Unpacked, over all of them; what was unpacked in vain counts. */
    readonly bytesMax: number
    /** Bytes that one packed byte may become; a small entry may become `smallBytes`. */
    readonly ratioMax: number
    readonly smallBytes: number
    /** Archives in each other, the outermost too. */
    readonly depthMax: number
}

/** The functions that extract, which models cannot have themselves. */
export interface Unpacking {
    /** At most so many bytes; `size` where there are more, `damaged` where it cannot be unpacked. */
    readonly inflate: (packed: Uint8Array, bytesMax: number) => Uint8Array | "size" | "damaged"
    readonly gunzip: (packed: Uint8Array, bytesMax: number) => Uint8Array | "size" | "damaged"
    readonly crc32: (bytes: Uint8Array) => number
    readonly zipEntries: (bytes: Uint8Array, entriesMax: number) => Promise<Listing>
}

/** An extracted entry, or one that was not extracted. */
export interface Part {
    /** The names on the way to it, the outermost first. */
    readonly names: readonly string[]
    /** Bytes: as unpacked, or where it was not as the archive says. */
    readonly size: number
    /** Null where it was not unpacked. */
    readonly bytes: Uint8Array | null
    readonly content: Content | null
    /** Null where it was opened or is kept as it is. */
    readonly why: NotOpened | null
}

/** All parts of an archive, including those of archives inside it. */
export interface Opened {
    readonly parts: readonly Part[]
    /** Whether there is more than the limit of entries, and whether the archive is whole. */
    readonly hasMore: boolean
    readonly isWhole: boolean
}

interface Left {
    entries: number
    bytes: number
}

/** Extracts an archive and the archives inside it, within the limits. Never throws for a bad archive. */
export async function openArchive(bytes: Uint8Array, unpacking: Unpacking, limits: OpeningLimits): Promise<Opened> {
    const left = { entries: limits.entriesMax, bytes: limits.bytesMax }
    return await open({ bytes, names: [] }, { unpacking, limits, left })
}

interface Archive {
    readonly bytes: Uint8Array
    readonly names: readonly string[]
}

interface Opening {
    readonly unpacking: Unpacking
    readonly limits: OpeningLimits
    readonly left: Left
}

async function open({ bytes, names }: Archive, opening: Opening): Promise<Opened> {
    const listing = await listed(bytes, opening)
    let { hasMore } = listing
    const parts: Part[] = []
    for (const entry of listing.entries) {
        if (opening.left.entries <= 0) hasMore = true
        if (opening.left.entries-- <= 0) break
        const part = unpacked(entry, names, opening)
        const inner = part.bytes !== null && isOpened(part.content) ? part.bytes : null
        if (inner === null) parts.push(part)
        else if (part.names.length >= opening.limits.depthMax) parts.push({ ...part, why: "depth" })
        else {
            const within = await open({ bytes: inner, names: part.names }, opening)
            parts.push({ ...part, why: within.isWhole ? null : "damaged" }, ...within.parts)
            hasMore ||= within.hasMore
        }
    }
    return { parts, hasMore, isWhole: listing.isWhole }
}

const isOpened = (content: Content | null): boolean =>
    content?.kind === "archive" && ["zip", "tar", "gzip"].includes(content.format ?? "")

/** The name of the entry of gzip. The name in its header is not trusted. */
const inGzip = "contents"

async function listed(bytes: Uint8Array, { left, unpacking }: Opening): Promise<Listing> {
    const { format } = contentOf(bytes)
    if (format === "zip") return await unpacking.zipEntries(bytes, left.entries)
    if (format === "tar") return tarEntries(bytes, left.entries)
    const entry = { name: inGzip, packed: bytes, isDeflated: true, size: 0, crc32: null, why: null }
    return { entries: [entry], hasMore: false, isWhole: true }
}

function unpacked(entry: Entry, above: readonly string[], { unpacking, limits, left }: Opening): Part {
    const names = [...above, entry.name]
    const none = (why: NotOpened): Part => ({ names, size: entry.size, bytes: null, content: null, why })
    if (entry.why !== null) return none(entry.why)
    if (!entry.isDeflated && entry.packed.length > left.bytes) return none("size")
    const fair = Math.max(limits.smallBytes, entry.packed.length * limits.ratioMax)
    const most = Math.min(left.bytes, fair)
    if (most <= 0) return none("size")
    const bytes = entry.isDeflated ? inflated(entry, most, unpacking) : entry.packed
    if (bytes === "size" || bytes === "damaged") {
        left.bytes -= most
        return none(bytes === "size" && fair < left.bytes + most ? "ratio" : bytes)
    }
    left.bytes -= bytes.length
    const isAsSaid = isGzip(entry) || bytes.length === entry.size
    if (!isAsSaid || (entry.crc32 !== null && unpacking.crc32(bytes) !== entry.crc32)) return none("damaged")
    if (bytes.length === 0) return none("empty")
    return { names, size: bytes.length, bytes, content: contentOf(bytes), why: null }
}

/** A deflated entry of a container has a sum; gzip sees to its own. */
const isGzip = ({ isDeflated, crc32 }: Entry): boolean => isDeflated && crc32 === null

function inflated(entry: Entry, most: number, { inflate, gunzip }: Unpacking): Uint8Array | "size" | "damaged" {
    return isGzip(entry) ? gunzip(entry.packed, most) : inflate(entry.packed, most)
}
