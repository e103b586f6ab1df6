/**
 * `node scripts/bundle.ts FOLDER` writes the server as one folder: its built packages, and their dependencies as the
 * lockfile pins them. It needs Node and nothing else. It has no PostgreSQL.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")

/** Writes the bundle into a folder, which must not exist. */
export function writeBundle(folder: string): void {
    execFileSync(process.execPath, [path.join(root, "scripts/build.ts")], { stdio: "inherit" })
    fs.mkdirSync(folder, { recursive: true })
    for (const name of fs.readdirSync(path.join(root, "packages")))
        fs.cpSync(path.join(root, "dist/packages", name), path.join(folder, "packages", name), { recursive: true })
    fs.cpSync(path.join(root, "dist/packages/server"), path.join(folder, "server"), { recursive: true })
    const copied = ["package.json", "package-lock.json", ".npmrc", "web/package.json"]
    for (const file of copied) fs.cpSync(path.join(root, file), path.join(folder, file))
    const options = ["--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
    execFileSync("npm", ["ci", "--workspace", "server", ...options], { cwd: folder, stdio: "inherit" })
    // The lock of the installed folder names the time of the installation's files.
    for (const left of ["web", ".npmrc", "node_modules/.package-lock.json"])
        fs.rmSync(path.join(folder, left), { recursive: true })
}

if (import.meta.main) {
    const [folder] = process.argv.slice(2)
    if (folder === undefined) throw new Error("give a folder: node scripts/bundle.ts FOLDER")
    writeBundle(path.resolve(folder))
}
