/**
 * Lists the files of an archive, and selects the texts that are weighed as one leak. It selects by name, up to a size
 * limit, and before any codeword is read, so that it favours no candidate.
 */
import type { SkipReason } from "../../models/archive/entry.ts"
import type { Content } from "../../models/content-type.ts"

/** A file of an archive that was added as evidence. */
export interface ArchivePart {
    /** The name in the archive, after the outer archive's name where nested. It is never used as a path. */
    readonly name: string
    /** Bytes. */
    readonly size: number
    /** In hex; null where it was not extracted. */
    readonly sha256: string | null
    readonly contentType: Content | null
    /** Why it was not extracted; null where it was. */
    readonly reason: SkipReason | null
}

const separator = "\n\n"

/** Selects the weighed files by index. Of equal texts it takes the first. */
export function selectWeighedTexts(
    parts: readonly ArchivePart[],
    texts: readonly (string | null)[],
    lengthMax: number,
): { readonly text: string | null; readonly places: ReadonlySet<number> } {
    const sorted = parts
        .map(({ name, sha256 }, place) => ({ name, sha256, place, text: texts[place] ?? null }))
        .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    const selected: string[] = []
    const places = new Set<number>()
    const hashes = new Set<string | null>()
    let length = 0
    for (const { sha256, text, place } of sorted) {
        if (text === null || text.trim() === "" || hashes.has(sha256)) continue
        if (length + text.length + separator.length > lengthMax) continue
        length += text.length + separator.length
        hashes.add(sha256)
        places.add(place)
        selected.push(text)
    }
    return { text: selected.length === 0 ? null : selected.join(separator), places }
}
