/**
 * Manages the temporary folder of a demonstration, which is marked with its process and removed with it. The next start
 * removes folders of killed processes. Folders without the mark stay untouched.
 */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { type Log, causeOf } from "../platform/log/log.ts"
import { hasCluster, removeHome } from "../platform/postgres/postgres-home.ts"
import { startPostgres } from "../platform/postgres/postgres.ts"

const prefix = "tocsin-demo-"
const markName = "made-by.json"
/** The data folder inside. */
export const dataName = "data"

interface FolderMark {
    readonly host: string
    readonly pid: number
}

/** Makes a marked temporary folder. */
export function makeDemoFolder(): string {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix))
    const mark: FolderMark = { host: os.hostname(), pid: process.pid }
    fs.writeFileSync(path.join(folder, markName), JSON.stringify(mark), { mode: 0o600 })
    return folder
}

/** Removes the folder with PostgreSQL's files elsewhere. PostgreSQL must have stopped. */
export function removeDemoFolder(folder: string): void {
    removeHome(path.join(folder, dataName))
    fs.rmSync(folder, { recursive: true, force: true })
}

/** Removes folders of demonstrations whose process has ended, and stops their PostgreSQL. */
export async function removeLeftovers(log: Log): Promise<void> {
    const names = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(prefix))
    for (const folder of names.map((name) => path.join(os.tmpdir(), name)).filter(isLeftover)) {
        try {
            const data = path.join(folder, dataName)
            if (hasCluster(data)) await (await startPostgres(data, { log })).stop()
            removeDemoFolder(folder)
        } catch (error) {
            log.warn("cannot remove the folder of an earlier demonstration", { folder, error: causeOf(error) })
        }
    }
}

function isLeftover(folder: string): boolean {
    const { uid, mode } = fs.lstatSync(folder)
    if (uid !== (process.geteuid?.() ?? uid) || (mode & 0o170777) !== 0o040700) return false
    const mark = readMark(folder)
    return mark !== null && mark.host === os.hostname() && !isAlive(mark.pid)
}

function readMark(folder: string): FolderMark | null {
    try {
        return JSON.parse(fs.readFileSync(path.join(folder, markName), "utf8")) as FolderMark
    } catch {
        return null
    }
}

/** A process of another user counts as alive. */
function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch (error) {
        return !(error instanceof Error && "code" in error && error.code === "ESRCH")
    }
}
