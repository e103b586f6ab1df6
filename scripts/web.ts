/** Builds console and portal into server/dist/web when their sources are newer than the build. */
import fs from "node:fs"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
const built = path.join(root, "server/dist/web/.built")
const sources = ["packages", "server/src", "web", "package-lock.json"]

function newestMs(file: string): number {
    const at = path.join(root, file)
    const stat = fs.statSync(at)
    if (!stat.isDirectory()) return stat.mtimeMs
    return Math.max(stat.mtimeMs, ...fs.readdirSync(at).map((entry) => newestMs(path.join(file, entry))))
}

/** Whether the build is newer than every source. */
export function isFresh(): boolean {
    if (!fs.existsSync(built)) return false
    const builtMs = fs.statSync(built).mtimeMs
    return sources.every((source) => newestMs(source) <= builtMs)
}

export async function buildWeb(): Promise<void> {
    const { build } = await import("vite")
    const configFile = path.join(root, "web/vite.config.ts")
    for (const mode of ["console", "portal"]) await build({ configFile, mode, logLevel: "warn" })
    fs.writeFileSync(built, "")
}

/** Builds what is out of date. Without a bundler, the last build is used. */
export async function buildIfStale(): Promise<void> {
    if (isFresh()) return
    const hasBundler = fs.existsSync(path.join(root, "node_modules/vite"))
    if (hasBundler) await buildWeb()
}

if (import.meta.main) await buildWeb()
