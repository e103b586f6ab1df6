/**
 * Keeps the high-water file next to the key file, and whether this process is in quarantine.
 *
 * A lock file makes processes on one machine change the file in turn, also when they use two copies of a database.
 * Each change writes the whole file: draft, fsync, rename, fsync of the folder.
 */
import { createHmac, randomUUID } from "node:crypto"
import fs from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { type HighWater, emptyHighWater, formatHighWater, parseHighWater } from "../models/high-water.ts"
import { refuse } from "@tocsin/base/refusal"
import { type Keys, keyBytes } from "../platform/crypto/keys.ts"

export type FileState =
    | { readonly state: "sound"; readonly mark: HighWater }
    | { readonly state: "missing" | "damaged" }

export interface HighWaterFile {
    read(): Promise<FileState>
    /** Reads the file, passes it to `next`, and writes what `next` returns. Null leaves the file unchanged. */
    change(next: (now: FileState) => HighWater | null): Promise<void>
    /** Renames a damaged file, to keep it as evidence. */
    setAside(): Promise<void>
    /** Whether the database is behind the file, or its history differs from the file. */
    isQuarantined(): boolean
    setQuarantined(isQuarantined: boolean): void
}

/** Path of the high-water file for a key file. */
export const highWaterPath = (keyFile: string): string => `${keyFile}.high-water`

const bytesMax = 64 * 1024 * 1024
const lockMsMax = 10_000
const waitMsMax = 15_000
const lookAgainMs = 5

/** Opens the high-water file of a key file. Refuses `high_water.locked` where another process keeps the lock. */
export function openHighWater(keyFile: string, keys: Keys): HighWaterFile {
    const file = highWaterPath(keyFile)
    const key = keys.derive("high-water", keyBytes)
    const mac = (text: string): string => createHmac("sha256", key).update(text).digest("hex")
    const read = async (): Promise<FileState> => {
        const text = await textOf(file)
        if (text === null) return { state: "missing" }
        const mark = parseHighWater(text, mac)
        return mark === null ? { state: "damaged" } : { state: "sound", mark }
    }
    let turn: Promise<unknown> = Promise.resolve()
    const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
        const before = turn
        const { promise, resolve } = Promise.withResolvers<void>()
        turn = promise
        await before
        try {
            return await locked(`${file}.lock`, work)
        } finally {
            resolve()
        }
    }
    return {
        ...quarantineFlag(),
        read,
        change: (next) =>
            inTurn(async () => {
                const mark = next(await read())
                if (mark !== null) await writeWhole(file, formatHighWater(mark, mac))
            }),
        setAside: () => inTurn(() => fs.rename(file, `${file}.damaged-${randomUUID()}`)),
    }
}

/** Keeps the high-water mark in memory, for tests and for the creation of a program. */
export function memoryHighWater(): HighWaterFile {
    let mark = emptyHighWater(randomUUID(), true)
    return {
        ...quarantineFlag(),
        read: async () => ({ state: "sound", mark }),
        change: async (next) => {
            mark = next({ state: "sound", mark }) ?? mark
        },
        setAside: async () => undefined,
    }
}

function quarantineFlag(): Pick<HighWaterFile, "isQuarantined" | "setQuarantined"> {
    let isOn = false
    return { isQuarantined: () => isOn, setQuarantined: (given) => void (isOn = given) }
}

async function textOf(file: string): Promise<string | null> {
    try {
        const { size } = await fs.stat(file)
        return size > bytesMax ? "" : await fs.readFile(file, "utf8")
    } catch (error) {
        if (isCode(error, "ENOENT")) return null
        throw error
    }
}

/** Writes the whole file. When this resolves, file and folder entry are on the disk. */
async function writeWhole(file: string, text: string): Promise<void> {
    const draft = `${file}.${randomUUID()}`
    try {
        await fs.writeFile(draft, text, { mode: 0o600, flag: "wx", flush: true })
        await fs.rename(draft, file)
        const folder = await fs.open(path.dirname(file), "r")
        try {
            await folder.sync()
        } finally {
            await folder.close()
        }
    } finally {
        await fs.rm(draft, { force: true })
    }
}

/**
 * Runs work under the lock file, one process at a time. Removes a lock whose process is dead, or that is older than
 * any change takes.
 */
async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const holder = `${os.hostname()} ${process.pid} ${randomUUID()}\n`
    const giveUpAt = performance.now() + waitMsMax
    while (!(await take(lock, holder))) {
        if (performance.now() > giveUpAt) {
            refuse("unavailable", "high_water.locked", `another process holds \`${path.basename(lock)}\`: try again`)
        }
        await removeStale(lock)
        await pause(lookAgainMs)
    }
    try {
        return await work()
    } finally {
        if ((await textOf(lock)) === holder) await fs.rm(lock, { force: true })
    }
}

async function take(lock: string, holder: string): Promise<boolean> {
    try {
        await fs.writeFile(lock, holder, { mode: 0o600, flag: "wx" })
        return true
    } catch (error) {
        if (isCode(error, "EEXIST")) return false
        throw error
    }
}

async function removeStale(lock: string): Promise<void> {
    const held = await textOf(lock)
    if (held === null) return
    const [host, pid] = held.trim().split(" ")
    const age = await fs.stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
    )
    const hasDied = host === os.hostname() && Number(pid) > 0 && !isAlive(Number(pid))
    if (!(hasDied || Math.abs(age) > lockMsMax)) return
    // If two processes find a stale lock, only one renames it. A lock that was taken meanwhile is restored if
    // possible.
    const aside = `${lock}.${randomUUID()}`
    try {
        await fs.rename(lock, aside)
        if ((await textOf(aside)) !== held) await fs.link(aside, lock).catch(() => undefined)
    } catch (error) {
        if (!isCode(error, "ENOENT")) throw error
    } finally {
        await fs.rm(aside, { force: true })
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch (error) {
        return !isCode(error, "ESRCH")
    }
}

function isCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code
}
