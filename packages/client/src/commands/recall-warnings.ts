/** Finds the recalls of held artifacts, and the files of a folder that are copies of them. */
import { join } from "node:path"
import type { Recall } from "../connect.ts"
import type { HeldCopy } from "../store.ts"

/** A recall whose deletion the partner has not confirmed. */
export interface RecallWithFiles extends Recall {
    /** The recalled copies in the folder. Copies fetched elsewhere are not listed. */
    readonly files: readonly string[]
}

/** Lists unconfirmed recalls with their files. */
export function recallsWithFiles(
    recalls: readonly Recall[],
    path: string,
    copies: readonly HeldCopy[],
): RecallWithFiles[] {
    return recalls.map((recall) => ({
        ...recall,
        files: recalledCopies(recall, copies).map(({ file }) => join(path, file)),
    }))
}

/** Lists the copies of the recalled versions. */
export function recalledCopies({ artifact, versions }: Recall, copies: readonly HeldCopy[]): HeldCopy[] {
    return copies.filter((copy) => copy.artifact === artifact && versions.includes(copy.version))
}

/** Formats a recall as one line. */
export function recallText({ id, name, versions, at, files }: RecallWithFiles): string {
    const heading = `recalled: ${name}, version ${versions.join(", ")}, ${at}`
    const advice = files.length > 0 ? `delete ${files.join(", ")}` : "this folder has no copy of it"
    return `${heading}: ${advice}; after you deleted all your copies, run \`tocsin confirm-deletion ${id}\``
}
