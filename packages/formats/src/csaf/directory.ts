/**
 * Renders the folders of a collection as pages with links (CSAF 2.0 and 2.1, section 7.1, requirement 14).
 *
 * One page lists the years and the lists. One page for each year lists its documents with their hashes and
 * signatures.
 */
import { barePageOf } from "../advisory/public-page.ts"
import type { Collection } from "./document.ts"
import { element } from "../advisory/markup.ts"
import { feedPath } from "./provider.ts"

/**
 * Returns the page of a collection's folder. `files`: paths from the folder, as `csafFile` gives them. `address`: the
 * folder's address, with or without a slash at the end. Links are relative to it, because clients join them to the
 * folder.
 */
export function directoryPage(collection: Collection, files: readonly string[], address: string): string {
    const { folder } = collection
    const years = [...new Set(files.map((file) => file.slice(0, file.indexOf("/") + 1)))]
    const from = address.endsWith("/") ? "" : `${folder.slice(folder.lastIndexOf("/") + 1)}/`
    const names = [
        "index.txt",
        "changes.csv",
        feedPath(collection).slice(folder.length + 1),
        ...years.toSorted().toReversed(),
    ]
    return listing(folder, names, from)
}

/** Null where nothing is of that year. */
export function yearPage(
    { folder }: Collection,
    year: string,
    files: readonly string[],
    isSigned: boolean,
): string | null {
    const under = `${year}/`
    const names = files.filter((file) => file.startsWith(under)).map((file) => file.slice(under.length))
    if (names.length === 0) return null
    const endings = ["", ".sha256", ".sha512", ...(isSigned ? [".asc"] : [])]
    const list = names.flatMap((name) => endings.map((ending) => `${name}${ending}`))
    return listing(`${folder}/${year}`, list)
}

function listing(folder: string, names: readonly string[], from = ""): string {
    const items = names.map((name) => element("li", {}, element("a", { href: `${from}${name}` }, name)))
    return barePageOf(`CSAF: ${folder}/`, element("h1", {}, `${folder}/`), element("ul", {}, ...items))
}
