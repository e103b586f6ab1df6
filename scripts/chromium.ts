/**
 * A Chromium for the browser tests: named by CHROMIUM_PATH, found on the PATH, Playwright's own, or fetched.
 *
 * Run as a script it fetches one where there is none, and prints its path; else it says so in one line and fails.
 */
import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { chromium } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]

/** The path of a Chromium on this machine; null where there is none. */
export function findChromium(): string | null {
    const named = process.env["CHROMIUM_PATH"]
    if (named) return fs.existsSync(named) ? named : null
    const folders = (process.env["PATH"] ?? "").split(path.delimiter)
    const onPath = folders.flatMap((folder) => names.map((name) => path.join(folder, name)))
    return [...onPath, chromium.executablePath()].find((file) => fs.existsSync(file)) ?? null
}

function runInstaller(command: string, ...args: string[]): boolean {
    try {
        execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 })
        return findChromium() !== null
    } catch {
        return false
    }
}

function fetchChromium(): boolean {
    if (process.env["CHROMIUM_PATH"]) return false
    const root = process.getuid?.() === 0 && fs.existsSync("/usr/bin/apt-get")
    const install = ["-o", "DPkg::Lock::Timeout=120", "install", "-y", "chromium"]
    const packaged = () =>
        runInstaller("apt-get", ...install) ||
        (runInstaller("apt-get", "update") && runInstaller("apt-get", ...install))
    return runInstaller("npx", "playwright-core", "install", "chromium") || (root && packaged())
}

if (import.meta.main) {
    const found = findChromium() ?? (fetchChromium() ? findChromium() : null)
    if (found === null) {
        console.error("no chromium here, and none could be fetched: install one, or name it in CHROMIUM_PATH")
        process.exit(1)
    }
    console.log(found)
}
