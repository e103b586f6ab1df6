/**
 * Keeps the newest signed checkpoint of each log in a folder of files.
 *
 * Each state is a new file with the next number, which only one process can create. So two witnesses on one folder
 * cannot sign two histories. A state counts once it is on the disk, with its folder entry, and is still the newest.
 */
import { createHash, randomUUID } from "node:crypto"
import fs from "node:fs/promises"
import path from "node:path"

export interface StoredState {
    /** 0: none yet. */
    readonly number: number
    /** A signed note; empty where there is none. */
    readonly note: string
}

/** So many files of a log stay. A process that reads one must not see its successor deleted before it writes. */
const filesKept = 16
const stateName = /^\d{15}$/

/** The hash by which C2SP tlog-witness names a log. */
export const hashOfOrigin = (origin: string): string => createHash("sha256").update(origin).digest("hex")

const folderOf = (dir: string, hash: string): string => path.join(dir, "logs", hash)
const fileOf = (dir: string, hash: string, number: number): string =>
    path.join(folderOf(dir, hash), String(number).padStart(15, "0"))

async function listNumbers(dir: string, hash: string): Promise<number[]> {
    const names = await fs.readdir(folderOf(dir, hash)).catch(passIf("ENOENT", [] as string[]))
    return names.flatMap((name) => (stateName.test(name) ? [Number(name)] : [])).toSorted((a, b) => a - b)
}

/** Reads the newest state of the log with this hash. */
export async function readState(dir: string, hash: string): Promise<StoredState> {
    const number = (await listNumbers(dir, hash)).at(-1)
    if (number === undefined) return { number: 0, note: "" }
    return { number, note: await fs.readFile(fileOf(dir, hash, number), "utf8") }
}

/** Writes the state after `number`. False: another process has written one. */
export async function writeState(dir: string, hash: string, number: number, note: string): Promise<boolean> {
    const folder = folderOf(dir, hash)
    await makeFolder(folder)
    const draft = path.join(folder, `${randomUUID()}.part`)
    try {
        await fs.writeFile(draft, note, { mode: 0o600, flag: "wx", flush: true })
        const isWritten = await fs.link(draft, fileOf(dir, hash, number + 1)).then(() => true, passIf("EEXIST", false))
        await syncFolder(folder)
        if (!isWritten) return false
    } finally {
        await fs.rm(draft, { force: true })
    }
    const numbers = await listNumbers(dir, hash)
    // Others can have written many states, and deleted the file with this number, while this process stood still.
    if (numbers.at(-1) !== number + 1) return false
    for (const old of numbers.slice(0, -filesKept)) {
        await fs.rm(fileOf(dir, hash, old), { force: true })
    }
    return true
}

/** Makes a folder, so that it is still there after a power cut. */
export async function makeFolder(folder: string): Promise<void> {
    const first = await fs.mkdir(folder, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = folder; made !== path.dirname(first); made = path.dirname(made))
        await syncFolder(path.dirname(made))
}

/** Brings the entries of a folder to the disk. */
export async function syncFolder(folder: string): Promise<void> {
    const handle = await fs.open(folder, "r")
    try {
        await handle.sync()
    } finally {
        await handle.close()
    }
}

/** Turns an error with this code into a value, and throws others. */
function passIf<T>(code: string, value: T): (error: unknown) => T {
    return (error) => {
        if (error instanceof Error && "code" in error && error.code === code) return value
        throw error
    }
}
