/**
 * What an archive held, and what of it is weighed: its texts put together as one leak. They are taken in order of name
 * and as far as there is room, before anybody's word is looked at, so that the choice cannot lean towards a suspect.
 */
import type { NotOpened } from "../../models/archive/entry.ts"
import type { Content } from "../../models/content-type.ts"

export interface Part {
    /** As the archive says it; of an archive in an archive, after that one's name. A word, and never a path. */
    readonly name: string
    /** Bytes. */
    readonly size: number
    /** In hex; null of what was not opened. */
    readonly sha256: string | null
    readonly is: Content | null
    /** Why it was not opened; null where it was. */
    readonly why: NotOpened | null
}

const between = "\n\n"

/** Which parts are weighed, by their place; of equal ones the first. */
export function weighed(
    parts: readonly Part[],
    texts: readonly (string | null)[],
    lengthMax: number,
): { readonly text: string | null; readonly places: ReadonlySet<number> } {
    const inOrder = parts
        .map(({ name, sha256 }, place) => ({ name, sha256, place, text: texts[place] ?? null }))
        .toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    const taken: string[] = []
    const places = new Set<number>()
    const seen = new Set<string | null>()
    let length = 0
    for (const { sha256, text, place } of inOrder) {
        if (text === null || text.trim() === "" || seen.has(sha256)) continue
        if (length + text.length + between.length > lengthMax) continue
        length += text.length + between.length
        seen.add(sha256)
        places.add(place)
        taken.push(text)
    }
    return { text: taken.length === 0 ? null : taken.join(between), places }
}
