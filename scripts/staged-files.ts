/** Gives files that are packed the rights and dates that do not depend on the machine that built them. */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")

/** The date of all that is packed: SOURCE_DATE_EPOCH, by default the date of the newest commit. */
export const sourceEpoch = (): number =>
    Number(
        process.env["SOURCE_DATE_EPOCH"] ??
            execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" }),
    )

/** All files and folders below a folder. Links are not followed, as `recursive` of `readdir` does. */
export const listBelow = (folder: string): string[] =>
    fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(folder, entry.name)
        return entry.isDirectory() ? [file, ...listBelow(file)] : [file]
    })

/** Gives each file one date, and rights that do not depend on the builder's umask. `runs` tells which can be run. */
export function normalise(folder: string, runs: RegExp): void {
    const epoch = sourceEpoch()
    const paths = [folder, ...listBelow(folder)]
    for (const staged of paths) {
        const stat = fs.lstatSync(staged)
        const isRun = stat.isDirectory() || runs.test(staged)
        if (!stat.isSymbolicLink()) fs.chmodSync(staged, isRun ? 0o755 : 0o644)
    }
    for (const staged of paths) fs.lutimesSync(staged, epoch, epoch)
}
