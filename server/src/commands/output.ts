/** Checks an output file before a command starts. */
import fs from "node:fs"
import path from "node:path"
import { refuse } from "@tocsin/base/refusal"

/** Checks that a file can be written. Refuses `output.no_folder`, `output.is_folder` and `output.not_allowed`. */
export function assertWritable(file: string): void {
    const folder = path.dirname(path.resolve(file))
    if (!isFolder(folder)) refuse("invalid", "output.no_folder", `no folder \`${folder}\`: make it first`)
    if (isFolder(file)) refuse("invalid", "output.is_folder", `\`${file}\` is a folder: name a file`)
    try {
        fs.accessSync(folder, fs.constants.W_OK)
    } catch {
        refuse("forbidden", "output.not_allowed", `no permission to write into \`${folder}\``)
    }
}

function isFolder(at: string): boolean {
    return fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() ?? false
}
