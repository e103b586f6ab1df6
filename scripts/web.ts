/** Builds console and portal into server/dist/web when their sources are newer than the build. */
import fs from "node:fs"
import path from "node:path"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"

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
    compress(path.dirname(built))
    fs.writeFileSync(built, "")
}

/** Smaller files gain nothing. */
const compressedBytesMin = 1_000

/** Writes each text also as `.br` and `.gz`, which the listeners send to browsers that read them. */
function compress(folder: string): void {
    for (const entry of fs.readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const file = path.join(folder, entry)
        if (!/\.(?:js|css|svg|html)$/.test(file) || fs.statSync(file).size < compressedBytesMin) continue
        const bytes = fs.readFileSync(file)
        fs.writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
        fs.writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    }
}

/** Builds what is out of date. Without a bundler, the last build is used. */
export async function buildIfStale(): Promise<void> {
    if (isFresh()) return
    const hasBundler = fs.existsSync(path.join(root, "node_modules/vite"))
    if (hasBundler) await buildWeb()
}

if (import.meta.main) await buildWeb()
