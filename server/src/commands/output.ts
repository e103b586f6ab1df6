/** A file that a command is to write: what cannot be written is said before anything else is done. */
import fs from "node:fs"
import path from "node:path"
import { refuse } from "@tocsin/base/refusal"

/** Refuses `output.no_folder`, `output.is_folder` and `output.not_allowed`. */
export function assertTakes(file: string): void {
    const folder = path.dirname(path.resolve(file))
    if (!isFolder(folder)) refuse("invalid", "output.no_folder", `there is no folder \`${folder}\` to write into`)
    if (isFolder(file)) refuse("invalid", "output.is_folder", `\`${file}\` is a folder: name a file`)
    try {
        fs.accessSync(folder, fs.constants.W_OK)
    } catch {
        refuse("forbidden", "output.not_allowed", `nothing may be written into \`${folder}\``)
    }
}

function isFolder(at: string): boolean {
    return fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() ?? false
}
