/**
 * The entries of an archive, as its container states them. The statements are untrusted, and no name is used as a
 * path.
 */

/** Why something was not opened, or not read. */
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

/** The reason why an entry was not extracted. */
export type SkipReason = (typeof skipReasons)[number]

/** An entry of an archive, not yet extracted. */
export interface Entry {
    readonly name: string
    /** The packed bytes; empty where `why` says why the entry is not extracted. */
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
    /** Whether there are more than were asked for. */
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

/** A name as a word to be shown: no control or direction characters, and not without end. */
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
