/**
 * `node scripts/reproduce.ts` builds the newest commit in two new folders, as two users with other rights would, and
 * compares the files byte for byte. It takes some minutes.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
const home = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-reproduce-"))
const run = (command: string, args: readonly string[], cwd: string) =>
    execFileSync(command, args, { cwd, stdio: "inherit" })

/** Builds in a folder, and returns the hashes of its files. */
function build(folder: string, umask: number): string {
    process.umask(umask)
    run("git", ["clone", "--quiet", root, folder], home)
    run("npm", ["ci"], folder)
    run(process.execPath, ["scripts/release.ts"], folder)
    return fs.readFileSync(path.join(folder, "dist/release/SHA256SUMS"), "utf8")
}

const sums = [build(path.join(home, "a"), 0o022), build(path.join(home, "another/place"), 0o077)] as const
const [first, second] = sums.map((text) => text.trimEnd().split("\n"))
const different = first?.filter((line) => !second?.includes(line)) ?? []
process.stdout.write(sums[0])
if (sums[0] !== sums[1]) throw new Error(`the builds in ${home} differ:\n${different.join("\n")}`)
fs.rmSync(home, { recursive: true })
process.stdout.write("Both builds are the same.\n")
