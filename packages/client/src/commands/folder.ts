/**
 * Keeps pulled copies in a folder, with their receipts and the state of the receipt log.
 *
 * A copy is noted before its file gets its name. After a crash, the next pull finds either nothing or a file that only
 * needs its name. So no recorded fetch gets lost here.
 */
import { createHash } from "node:crypto"
import { rm } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { type Static, Type } from "typebox"
import { Check } from "typebox/value"
import type { KnownLog } from "../log.ts"
import type { KeyStore } from "../check-keys.ts"
import { type KnownKeys, keyChangeSchema } from "../key-change.ts"
import type { FetchedCopy, HeldCopy, Store } from "../store.ts"
import { refuse } from "@tocsin/base/refusal"
import { validateFileName } from "@tocsin/base/file-name"
import { endings } from "../sealed-format.ts"
import { fileExists, makeFolder, readBytes, replaceFile, nameFinishedFile, writeFile } from "./files.ts"

const id = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" })

const heldCopySchema = Type.Object({
    warning: id,
    artifact: id,
    version: Type.Integer({ minimum: 1 }),
    /** The path from the folder, with `/`. */
    file: Type.String({ pattern: "^[0-9a-f-]{36}/[A-Za-z0-9][A-Za-z0-9._-]*\\.(age|pgp)$" }),
    /** SHA-256 of the sealed file, in hex. */
    sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    receipt: id,
    /** Whether the receipt was fetched and checked. It is then next to the file. */
    proven: Type.Boolean(),
})

const holdingsSchema = Type.Object({
    format: Type.Literal("tocsin-holdings/1"),
    log: Type.Union([
        Type.Null(),
        Type.Object({
            verifierKey: Type.String(),
            size: Type.Integer({ minimum: 0 }),
            root: Type.String(),
            formerKeys: Type.Optional(Type.Unsafe<readonly string[]>(Type.Array(Type.String()))),
            givenKey: Type.Optional(Type.String()),
            isKeyNew: Type.Optional(Type.Boolean()),
        }),
    ]),
    copies: Type.Array(heldCopySchema),
    /** The changes of the partner's keys that were checked. */
    keys: Type.Optional(
        Type.Object({
            changes: Type.Array(keyChangeSchema),
            head: Type.Union([Type.String(), Type.Null()]),
            pending: Type.Array(Type.Object({ change: keyChangeSchema, since: Type.Integer({ minimum: 0 }) })),
        }),
    ),
})

type Holdings = Readonly<Static<typeof holdingsSchema>>

/** A folder that stores pulled copies. */
export interface Folder extends Store {
    readonly path: string
}

const stateFileName = ".tocsin-pull.json"
const bytesMax = 64 * 1024 * 1024
const noHoldings: Holdings = { format: "tocsin-holdings/1", log: null, copies: [] }

/**
 * Opens a folder and completes unfinished writes. Copies whose file is gone are no longer held. Refuses
 * `holdings.damaged`: the state pins the log's key, so it is never replaced automatically.
 */
export async function openFolder(path: string): Promise<Folder> {
    await makeFolder(path)
    const holdings = await readHoldings(join(path, stateFileName))
    const isPresent = await Promise.all(holdings.copies.map((copy) => completeCopy(path, copy)))
    return folderOf({ path, holdings: { ...holdings, copies: holdings.copies.filter((_, i) => isPresent[i]) } })
}

/** The state of a folder. Each change writes it. */
interface FolderState {
    readonly path: string
    holdings: Holdings
}

const ownCopy = (keys: KnownKeys) => ({ ...keys, changes: [...keys.changes], pending: [...keys.pending] })

function folderOf(state: FolderState): Folder {
    return {
        path: state.path,
        loadLog: async () => state.holdings.log,
        saveLog: (log) => saveHoldings(state, { log }),
        loadKeys: async () => state.holdings.keys ?? null,
        saveKeys: (keys, log) => saveHoldings(state, { keys: ownCopy(keys), log }),
        listCopies: async () => state.holdings.copies,
        choosePlace: (warning, artifact) => choosePlace(state, warning, artifact),
        saveCopy: (fetchedCopy) => saveCopy(state, fetchedCopy),
        saveProof: (held, receipt, log) => saveProof(state, held, receipt, log),
    }
}

/** Reads the note of the pull that fetched this file; null if no pull did. Refuses `holdings.damaged`. */
export async function findHeldCopy(file: string): Promise<HeldCopy | null> {
    const folder = dirname(dirname(resolve(file)))
    const { copies } = await readHoldings(join(folder, stateFileName))
    return copies.find((copy) => join(folder, copy.file) === resolve(file)) ?? null
}

/** Lists the copies of a folder whose files exist, without changing the folder. Refuses `holdings.damaged`. */
export async function listCopies(path: string): Promise<HeldCopy[]> {
    const { copies } = await readHoldings(join(path, stateFileName))
    const isPresent = await Promise.all(copies.map((copy) => fileExists(join(path, copy.file))))
    return copies.filter((_, i) => isPresent[i])
}

/**
 * Opens what a folder remembers of the keys and of the log, for reading only. Without a folder, it remembers nothing.
 * Refuses `holdings.damaged`.
 */
export async function readKeyStore(path: string): Promise<KeyStore> {
    let { log, keys = null } = await readHoldings(join(path, stateFileName))
    return {
        loadLog: async () => log,
        saveLog: async (next) => void (log = next),
        loadKeys: async () => keys,
        saveKeys: async (next, nextLog) => void ([keys, log] = [ownCopy(next), nextLog]),
    }
}

/** Whether pulls have used this folder. */
export const isPullFolder = (path: string): Promise<boolean> => fileExists(join(path, stateFileName))

async function readHoldings(path: string): Promise<Holdings> {
    const bytes = await readBytes(path, bytesMax)
    if (bytes === null) return noHoldings
    const value = parse(bytes.toString("utf8"))
    if (Check(holdingsSchema, value)) return value
    return refuse("invalid", "holdings.damaged", `\`${path}\` is damaged: pull into another folder`)
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text) as unknown
    } catch {
        return null
    }
}

async function completeCopy(path: string, copy: HeldCopy): Promise<boolean> {
    const file = join(path, copy.file)
    if (await fileExists(file)) return true
    const unfinished = await readBytes(`${file}.unfinished`, bytesMax)
    if (unfinished === null || hashOf(unfinished) !== copy.sha256) return false
    await nameFinishedFile(`${file}.unfinished`, file)
    return true
}

async function saveHoldings(folder: FolderState, changes: Partial<Holdings>): Promise<void> {
    const holdings = { ...folder.holdings, ...changes }
    await replaceFile(join(folder.path, stateFileName), `${JSON.stringify(holdings, null, 4)}\n`)
    folder.holdings = holdings
}

/** Stores a fetched copy. Refuses `files.already_exists` if its name was taken meanwhile; the copy is then not held. */
async function saveCopy(folder: FolderState, { bytes, place, format, ...copy }: FetchedCopy): Promise<HeldCopy> {
    const held: HeldCopy = { ...copy, file: `${place}${endings[format]}`, sha256: hashOf(bytes), proven: false }
    const file = join(folder.path, held.file)
    await makeFolder(dirname(file))
    await writeFile(`${file}.unfinished`, bytes)
    const earlierCopies = folder.holdings.copies
    await saveHoldings(folder, { copies: [...earlierCopies, held] })
    try {
        await nameFinishedFile(`${file}.unfinished`, file)
    } catch (error) {
        await saveHoldings(folder, { copies: earlierCopies })
        throw error
    }
    return held
}

/** Stores the proof of a fetch next to its file. */
async function saveProof(folder: FolderState, copy: HeldCopy, receipt: string, log: KnownLog): Promise<void> {
    await replaceFile(join(folder.path, `${copy.file}.receipt`), receipt)
    const copies = folder.holdings.copies.map((held) =>
        held.receipt === copy.receipt ? { ...held, proven: true } : held,
    )
    await saveHoldings(folder, { copies, log })
}

/**
 * Chooses the place of a copy, without its ending: `<warning>/<name>`, or a longer name if another version or artifact
 * has that one. Refuses `artifact.bad_name`, and `files.already_exists` for a file that was not pulled.
 */
async function choosePlace(
    folder: FolderState,
    warning: string,
    artifact: { readonly id: string; readonly name: string; readonly version: number },
): Promise<string> {
    validateFileName(artifact.name)
    const taken = new Set(folder.holdings.copies.map((copy) => copy.file.replace(/\.\w+$/, "").toLowerCase()))
    const dot = artifact.name.lastIndexOf(".")
    const [stem, ending] = [artifact.name.slice(0, dot), artifact.name.slice(dot)]
    const version = `v${artifact.version}`
    const names = [stem, `${stem}.${version}`, `${stem}.${artifact.id}.${version}`]
    const places = names.map((name) => `${warning}/${name}${ending}`)
    const place = places.find((place) => !taken.has(place.toLowerCase()))
    if (place === undefined) throw new Error(`version ${artifact.version} of ${artifact.id} is already in the folder`)
    for (const sealedEnding of Object.values(endings)) {
        const path = join(folder.path, `${place}${sealedEnding}`)
        if (await fileExists(path))
            refuse("conflict", "files.already_exists", `\`${path}\` already exists: move it away, then pull again`)
    }
    return place
}

const lockFileName = ".tocsin-pull.lock"

/**
 * Locks a folder for one pull and returns a function that unlocks it. Refuses `holdings.in_use`. Takes over the lock of
 * a process that is gone.
 */
export async function lockFolder(path: string, pid: number): Promise<() => Promise<void>> {
    await makeFolder(path)
    const lock = join(path, lockFileName)
    const holder = Number(((await readBytes(lock, 100)) ?? "").toString())
    if (Number.isInteger(holder) && holder > 0 && holder !== pid && isRunning(holder)) {
        refuse(
            "conflict",
            "holdings.in_use",
            `another pull, process \`${holder}\`, uses \`${path}\`: wait until it ends`,
        )
    }
    await replaceFile(lock, String(pid))
    return () => rm(lock, { force: true })
}

function isRunning(pid: number): boolean {
    try {
        process.kill(pid, 0)
        return true
    } catch (error) {
        return error instanceof Error && "code" in error && error.code === "EPERM"
    }
}

function hashOf(bytes: Uint8Array): string {
    return createHash("sha256").update(bytes).digest("hex")
}
