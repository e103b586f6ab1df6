/**
 * The entries of an archive, as its container states them. The statements are untrusted, and no name is used as a
 * path.
 */

/** The reasons why an entry was not extracted or not read. */
export const skipReasons = [
    "empty",
    "folder",
    "link",
    "device",
    "encrypted",
    "method",
    "overlap",
    "damaged",
    "ratio",
    "size",
    "depth",
] as const

export type SkipReason = (typeof skipReasons)[number]

/** An entry of an archive, not yet extracted. */
export interface Entry {
    readonly name: string
    /** The packed bytes; empty where `reason` says why the entry is not extracted. */
    readonly packed: Uint8Array
    readonly isDeflated: boolean
    /** The size that the container states, in bytes. */
    readonly size: number
    /** Null where the container has none. */
    readonly crc32: number | null
    readonly reason: SkipReason | null
}

/** The entries of one archive. */
export interface Listing {
    readonly entries: readonly Entry[]
    /** Whether there are more entries than the limit. */
    readonly hasMore: boolean
    /** Whether the container is whole, and could be followed to its end. */
    readonly isWhole: boolean
}

export const damagedListing: Listing = { entries: [], hasMore: false, isWhole: false }

const nameMax = 300
const nothing = new Uint8Array(0)

/** Returns an entry that is not extracted, with the reason. */
export function skippedEntry(name: string, size: number, reason: SkipReason): Entry {
    return { name, packed: nothing, isDeflated: false, size, crc32: null, reason }
}

/** Returns a name for display: of limited length, without control or direction characters. */
export function displayName(name: Uint8Array): string {
    const text = decoded(name).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\u{FFFD}")
    return [...text].slice(0, nameMax).join("")
}

function decoded(name: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(name)
    } catch {
        return new TextDecoder("windows-1252").decode(name)
    }
}
