/**
 * Builds the browser's part into dist/web when its sources are newer than what stands there.
 */
import fs from "node:fs"
import path from "node:path"

const root = path.join(import.meta.dirname, "..")
const built = path.join(root, "dist/web/.built")
const sources = ["src", "vite.config.ts", "package-lock.json"]

function newestMs(file: string): number {
    const at = path.join(root, file)
    const stat = fs.statSync(at)
    if (!stat.isDirectory()) return stat.mtimeMs
    return Math.max(stat.mtimeMs, ...fs.readdirSync(at).map((entry) => newestMs(path.join(file, entry))))
}

/** True where dist/web holds what the sources say. */
export function isFresh(): boolean {
    if (!fs.existsSync(built)) return false
    const builtMs = fs.statSync(built).mtimeMs
    return sources.every((source) => newestMs(source) <= builtMs)
}

export async function buildWeb(): Promise<void> {
    const { build } = await import("vite")
    const configFile = path.join(root, "vite.config.ts")
    for (const mode of ["console", "portal"]) await build({ configFile, mode, logLevel: "warn" })
    fs.writeFileSync(built, "")
}

/** Builds what is out of date. Where no builder is installed, what stands there has to do. */
export async function freshWeb(): Promise<void> {
    if (isFresh()) return
    const hasBuilder = fs.existsSync(path.join(root, "node_modules/vite"))
    if (hasBuilder) await buildWeb()
}

if (import.meta.main) await buildWeb()
