/** Finds entries of the command palette by their names. Pure. */

export type EntryKind = "action" | "screen" | "case" | "partner" | "artifact"

export interface Entry {
    readonly kind: EntryKind
    readonly name: string
    /** Where it leads; null: an action without a page. */
    readonly to: string | null
}

/** Returns the entries whose names contain every word of the query: first those that start with it. */
export function findEntries(entries: readonly Entry[], query: string): readonly Entry[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0) return entries
    const start = words[0] ?? ""
    return entries
        .map((entry) => ({ entry, name: entry.name.toLowerCase() }))
        .filter(({ name }) => words.every((word) => name.includes(word)))
        .toSorted((a, b) => Number(b.name.startsWith(start)) - Number(a.name.startsWith(start)))
        .map(({ entry }) => entry)
}
