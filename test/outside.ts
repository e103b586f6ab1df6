/**
 * Documents from outside, which are not the project's to keep: where `../shared/data` stands beside the project, or the
 * variable `SAMPLES` names such a folder, tests read them too.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"

const samples = process.env["SAMPLES"] ?? join(import.meta.dirname, "../../shared/data")

/** The texts of one kind with this ending; none, and a line that says so, where they are not there. */
export function fromOutside(kind: string, ending: string): { name: string; text: string }[] {
    const folder = join(samples, kind)
    if (!existsSync(folder)) {
        process.stderr.write(`no ${kind} from outside beside the project: only what is its own is tested\n`)
        return []
    }
    const names = readdirSync(folder).filter((name) => name.endsWith(ending))
    return names.map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }))
}
