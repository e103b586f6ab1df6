/** Writes a partner's files: complete or not at all, readable by their owner only, and never over another file. */
import { type FileHandle, link, lstat, mkdir, open, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { refuse } from "@tocsin/base/refusal"
import { UsageError, codeOf } from "@tocsin/base/command-line"

const onlyOwner = 0o600

/** Makes a private folder and its parents. An existing folder keeps its mode. */
export async function makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 }).catch(() => {
        throw new UsageError(`cannot create the folder \`${path}\``)
    })
}

/** Writes a file and replaces its content in one step. */
export async function replaceFile(path: string, content: string): Promise<void> {
    const unfinished = `${path}.unfinished`
    await writeFile(unfinished, content)
    await rename(unfinished, path).catch(() => cannotWrite(path))
    await syncFolder(dirname(path))
}

/** Writes a new file. Refuses `files.already_exists` and leaves the existing file as it is. */
export async function createFile(path: string, content: string | Uint8Array): Promise<void> {
    const unfinished = `${path}.unfinished`
    await writeFile(unfinished, content)
    await nameFinishedFile(unfinished, path)
}

/** Writes a file and waits until the disk has it. Replaces an existing file. */
export async function writeFile(path: string, content: string | Uint8Array): Promise<void> {
    await rm(path, { force: true }).catch(() => cannotWrite(path))
    const file = await open(path, "wx", onlyOwner).catch(() => cannotWrite(path))
    try {
        await file.writeFile(content)
        await file.sync()
    } catch {
        await rm(path, { force: true })
        cannotWrite(path)
    } finally {
        await file.close()
    }
}

/** Gives a finished file its name. Refuses `files.already_exists` if the name is taken, and leaves nothing behind. */
export async function nameFinishedFile(unfinished: string, path: string): Promise<void> {
    try {
        await link(unfinished, path)
    } catch (error) {
        if (codeOf(error) === "EEXIST") {
            await rm(unfinished, { force: true })
            refuse("conflict", "files.already_exists", `\`${path}\` already exists: name another file`)
        }
        await nameFinishedFileByRename(unfinished, path)
    }
    await rm(unfinished, { force: true })
    await syncFolder(dirname(path))
}

/** Handles file systems without links. There, a file that another process makes at the same moment is lost. */
async function nameFinishedFileByRename(unfinished: string, path: string): Promise<void> {
    if (await fileExists(path))
        refuse("conflict", "files.already_exists", `\`${path}\` already exists: name another file`)
    await rename(unfinished, path).catch(() => cannotWrite(path))
}

/** Checks whether a file exists. */
export async function fileExists(path: string): Promise<boolean> {
    return (await lstat(path).catch(() => null)) !== null
}

/** Reads a file; null if there is none. A file of `bytesMax` bytes or more is wrong usage. */
export async function readBytes(path: string, bytesMax: number): Promise<Buffer | null> {
    const file = await openFile(path)
    if (file === null) return null
    try {
        return await readWhole(file, path, bytesMax)
    } finally {
        await file.close()
    }
}

/** Reads the text of a file, which must exist; the empty text if no file is named. */
export async function readText(path: string | undefined, charsMax: number): Promise<string> {
    if (path === undefined) return ""
    const bytes = await readBytes(path, charsMax * 4)
    if (bytes === null) throw new UsageError(`no file \`${path}\`: check the path`)
    return bytes.toString("utf8").trim()
}

/**
 * Reads a text that only its owner may read; null if there is none. Refuses `files.readable_by_others` if other users
 * can read the file, because they may already have its content.
 */
export async function readPrivate(path: string, bytesMax: number): Promise<string | null> {
    const file = await openFile(path)
    if (file === null) return null
    try {
        const { mode } = await file.stat()
        if (process.platform !== "win32" && (mode & 0o077) !== 0) {
            const fix = "run `chmod 600` on it, and treat its content as known to others"
            refuse("forbidden", "files.readable_by_others", `other users can read \`${path}\`: ${fix}`)
        }
        return (await readWhole(file, path, bytesMax)).toString("utf8")
    } finally {
        await file.close()
    }
}

async function openFile(path: string): Promise<FileHandle | null> {
    return await open(path, "r").catch((error: unknown) => {
        if (codeOf(error) === "ENOENT") return null
        throw new UsageError(`cannot read \`${path}\``)
    })
}

async function readWhole(file: FileHandle, path: string, bytesMax: number): Promise<Buffer> {
    const stats = await file.stat()
    if (!stats.isFile()) throw new UsageError(`\`${path}\` is not a file`)
    if (!(stats.size <= bytesMax)) {
        throw new UsageError(`\`${path}\` has \`${stats.size}\` bytes: use a file of at most \`${bytesMax}\` bytes`)
    }
    return await file.readFile()
}

async function syncFolder(path: string): Promise<void> {
    const folder = await open(path, "r").catch(() => null)
    await folder?.sync().catch(() => undefined)
    await folder?.close()
}

function cannotWrite(path: string): never {
    throw new UsageError(`cannot write \`${path}\``)
}
