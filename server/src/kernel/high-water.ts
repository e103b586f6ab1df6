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

/** The result of a comparison of the database with the file. */
export interface GuardResult {
    /** The reasons for a quarantine; null where there is none. */
    readonly reasons: readonly string[] | null
    /** The newest access change that is saved in the file. */
    readonly saved: number
}

export interface HighWaterFile {
    read(): Promise<FileState>
    /** Reads the file, passes it to `next`, and writes what `next` returns. Null leaves the file unchanged. */
    change(next: (current: FileState) => HighWater | null): Promise<void>
    /** Renames a damaged file, to keep it as evidence. */
    renameDamaged(): Promise<void>
    /** Whether the database is behind the file, or its history differs from the file. */
    isQuarantined(): boolean
    /** Compares the database with the file in the process that keeps it. Null: this one keeps it. */
    readonly guardElsewhere: (() => Promise<GuardResult>) | null
    setQuarantined(isQuarantined: boolean): void
    /** False where the process that keeps the file has not compared the database for a while. */
    isCompared(): boolean
}

/** Path of the high-water file for a key file. */
export const highWaterPath = (keyFile: string): string => `${keyFile}.high-water`

const bytesMax = 64 * 1024 * 1024
const lockMsMax = 10_000
const waitMsMax = 15_000
const lockPollMs = 5

/** Opens the high-water file of a key file. Refuses `high_water.locked` where another process keeps the lock. */
export function openHighWater(keyFile: string, keys: Keys): HighWaterFile {
    const file = highWaterPath(keyFile)
    const key = keys.derive("high-water", keyBytes)
    const mac = (text: string): string => createHmac("sha256", key).update(text).digest("hex")
    const read = async (): Promise<FileState> => {
        const text = await readIfExists(file)
        if (text === null) return { state: "missing" }
        const mark = parseHighWater(text, mac)
        return mark === null ? { state: "damaged" } : { state: "sound", mark }
    }
    let lastWork: Promise<unknown> = Promise.resolve()
    const runExclusively = async <T>(work: () => Promise<T>): Promise<T> => {
        const previous = lastWork
        const { promise, resolve } = Promise.withResolvers<void>()
        lastWork = promise
        await previous
        try {
            return await withLockFile(`${file}.lock`, work)
        } finally {
            resolve()
        }
    }
    return {
        ...quarantineFlag(),
        guardElsewhere: null,
        isCompared: () => true,
        read,
        change: (next) =>
            runExclusively(async () => {
                const mark = next(await read())
                if (mark !== null) await writeAtomically(file, formatHighWater(mark, mac))
            }),
        renameDamaged: () => runExclusively(() => fs.rename(file, `${file}.damaged-${randomUUID()}`)),
    }
}

/** Keeps the high-water mark in memory, for tests and for the creation of a program. */
export function memoryHighWater(): HighWaterFile {
    let mark = emptyHighWater(randomUUID(), true)
    return {
        ...quarantineFlag(),
        guardElsewhere: null,
        isCompared: () => true,
        read: async () => ({ state: "sound", mark }),
        change: async (next) => {
            mark = next({ state: "sound", mark }) ?? mark
        },
        renameDamaged: async () => undefined,
    }
}

export function quarantineFlag(): Pick<HighWaterFile, "isQuarantined" | "setQuarantined"> {
    let isOn = false
    return { isQuarantined: () => isOn, setQuarantined: (isQuarantined) => void (isOn = isQuarantined) }
}

async function readIfExists(file: string): Promise<string | null> {
    try {
        const { size } = await fs.stat(file)
        return size > bytesMax ? "" : await fs.readFile(file, "utf8")
    } catch (error) {
        if (hasErrorCode(error, "ENOENT")) return null
        throw error
    }
}

/** Writes the whole file. When this resolves, file and folder entry are on the disk. */
async function writeAtomically(file: string, text: string): Promise<void> {
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
async function withLockFile<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const holder = `${os.hostname()} ${process.pid} ${randomUUID()}\n`
    await fs.mkdir(path.dirname(lock), { recursive: true, mode: 0o700 })
    const giveUpAt = performance.now() + waitMsMax
    while (!(await tryCreateLock(lock, holder))) {
        if (performance.now() > giveUpAt) {
            refuse(
                "unavailable",
                "high_water.locked",
                `another process has locked \`${path.basename(lock)}\`: try again`,
                { value: path.basename(lock) },
            )
        }
        await removeStaleLock(lock)
        await pause(lockPollMs)
    }
    try {
        return await work()
    } finally {
        if ((await readIfExists(lock)) === holder) await fs.rm(lock, { force: true })
    }
}

async function tryCreateLock(lock: string, holder: string): Promise<boolean> {
    try {
        await fs.writeFile(lock, holder, { mode: 0o600, flag: "wx" })
        return true
    } catch (error) {
        if (hasErrorCode(error, "EEXIST")) return false
        throw error
    }
}

async function removeStaleLock(lock: string): Promise<void> {
    const lockText = await readIfExists(lock)
    if (lockText === null) return
    const [host, pid] = lockText.trim().split(" ")
    const age = await fs.stat(lock).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
    )
    const isHolderDead = host === os.hostname() && Number(pid) > 0 && !isAlive(Number(pid))
    if (!(isHolderDead || Math.abs(age) > lockMsMax)) return
    // If two processes find a stale lock, only one renames it. A lock that was taken meanwhile is restored if
    // possible.
    const movedLock = `${lock}.${randomUUID()}`
    try {
        await fs.rename(lock, movedLock)
        if ((await readIfExists(movedLock)) !== lockText) await fs.link(movedLock, lock).catch(() => undefined)
    } catch (error) {
        if (!hasErrorCode(error, "ENOENT")) throw error
    } finally {
        await fs.rm(movedLock, { force: true })
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch (error) {
        return !hasErrorCode(error, "ESRCH")
    }
}

function hasErrorCode(error: unknown, code: string): boolean {
    return error instanceof Error && "code" in error && error.code === code
}
