/** What was recalled of what the partner holds, and which files of a folder are copies of it. */
import { join } from "node:path"
import type { Recall } from "../connect.ts"
import type { Held } from "../store.ts"

/** A recall without the partner's word that its copies are deleted. */
export interface Recalled extends Recall {
    /** Its copies in the folder, recalled versions alone; what was fetched elsewhere stands in none. */
    readonly files: readonly string[]
}

export function recalledOf(recalls: readonly Recall[], path: string, copies: readonly Held[]): Recalled[] {
    return recalls.map((recall) => ({ ...recall, files: copiesOf(recall, copies).map(({ file }) => join(path, file)) }))
}

export function copiesOf({ artifact, versions }: Recall, copies: readonly Held[]): Held[] {
    return copies.filter((copy) => copy.artifact === artifact && versions.includes(copy.version))
}

export function recalledLine({ id, name, versions, at, files }: Recalled): string {
    const kind = `recalled: ${name}, version ${versions.join(", ")}, ${at}`
    const here = files.length > 0 ? `delete ${files.join(", ")}` : "no copy of it is in this folder"
    return `${kind}: ${here}; when all of your copies are gone, say \`tocsin confirm-deletion ${id}\``
}
