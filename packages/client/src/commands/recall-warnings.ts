/** Finds the recalls of held artifacts, and the files of a folder that are copies of them. */
import { join } from "node:path"
import type { Recall } from "../connect.ts"
import type { Held } from "../store.ts"

/** A recall whose deletion the partner has not confirmed. */
export interface Recalled extends Recall {
    /** The recalled copies in the folder. Copies fetched elsewhere are not listed. */
    readonly files: readonly string[]
}

/** Lists unconfirmed recalls with their files. */
export function recalledOf(recalls: readonly Recall[], path: string, copies: readonly Held[]): Recalled[] {
    return recalls.map((recall) => ({ ...recall, files: copiesOf(recall, copies).map(({ file }) => join(path, file)) }))
}

/** Lists the copies of the recalled versions. */
export function copiesOf({ artifact, versions }: Recall, copies: readonly Held[]): Held[] {
    return copies.filter((copy) => copy.artifact === artifact && versions.includes(copy.version))
}

/** Formats a recall as one line. */
export function recalledLine({ id, name, versions, at, files }: Recalled): string {
    const kind = `recalled: ${name}, version ${versions.join(", ")}, ${at}`
    const here = files.length > 0 ? `delete ${files.join(", ")}` : "no copy of it is in this folder"
    return `${kind}: ${here}; when all of your copies are gone, say \`tocsin confirm-deletion ${id}\``
}
