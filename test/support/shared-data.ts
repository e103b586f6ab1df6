/**
 * External documents that the project does not contain. Tests read them from `../shared/data` or from the folder in
 * `SAMPLES`, if it exists.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"

const samples = process.env["SAMPLES"] ?? join(import.meta.dirname, "../../../shared/data")

/** Reads the texts of one kind and ending. Returns none, and prints a line, if they are missing. */
export function readSharedData(kind: string, ending: string): { name: string; text: string }[] {
    const folder = join(samples, kind)
    if (!existsSync(folder)) {
        process.stderr.write(`no ${kind} from outside beside the project: only what is its own is tested\n`)
        return []
    }
    const names = readdirSync(folder).filter((name) => name.endsWith(ending))
    return names.map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }))
}
