/**
 * Files of a partner's client: whole or not there, for their owner only, and never in place of another.
 */
import { type FileHandle, link, lstat, mkdir, open, rename, rm } from "node:fs/promises"
import { dirname } from "node:path"
import { refuse } from "@tocsin/base/refusal"
import { WrongUse, codeOf } from "@tocsin/base/command-line"

const onlyOwner = 0o600

/** A private folder, with those above it; one that is there keeps its mode. */
export async function makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 }).catch(() => {
        throw new WrongUse(`the folder \`${path}\` cannot be made`)
    })
}

/** Writes a file whose former content, if any, is replaced at once or not at all. */
export async function replace(path: string, content: string): Promise<void> {
    const unfinished = `${path}.unfinished`
    await write(unfinished, content)
    await rename(unfinished, path).catch(() => cannotWrite(path))
    await syncFolder(dirname(path))
}

/** Writes a file where none is. Throws `files.already_exists`; what is there stays as it is. */
export async function create(path: string, content: string | Uint8Array): Promise<void> {
    const unfinished = `${path}.unfinished`
    await write(unfinished, content)
    await settle(unfinished, path)
}

/** Writes a file, and waits until the disk has it; anything of that name is replaced. */
export async function write(path: string, content: string | Uint8Array): Promise<void> {
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

/** Gives a finished file its name, unless that is taken: throws `files.already_exists`, and nothing is left. */
export async function settle(unfinished: string, path: string): Promise<void> {
    try {
        await link(unfinished, path)
    } catch (error) {
        if (codeOf(error) === "EEXIST") {
            await rm(unfinished, { force: true })
            refuse("conflict", "files.already_exists", `\`${path}\` is there already, and is not overwritten`)
        }
        await settleWithoutLinks(unfinished, path)
    }
    await rm(unfinished, { force: true })
    await syncFolder(dirname(path))
}

/** Some file systems have no links; there, somebody who makes the same name in this very moment loses it. */
async function settleWithoutLinks(unfinished: string, path: string): Promise<void> {
    if (await isThere(path))
        refuse("conflict", "files.already_exists", `\`${path}\` is there already, and is not overwritten`)
    await rename(unfinished, path).catch(() => cannotWrite(path))
}

export async function isThere(path: string): Promise<boolean> {
    return (await lstat(path).catch(() => null)) !== null
}

/** What a file holds; null where there is none. `bytesMax` and more is wrong use. */
export async function readBytes(path: string, bytesMax: number): Promise<Buffer | null> {
    const file = await opened(path)
    if (file === null) return null
    try {
        return await wholeOf(file, path, bytesMax)
    } finally {
        await file.close()
    }
}

/** The words in a file, which must be there; none where no file is named. */
export async function readWords(path: string | undefined, charsMax: number): Promise<string> {
    if (path === undefined) return ""
    const bytes = await readBytes(path, charsMax * 4)
    if (bytes === null) throw new WrongUse(`there is no file \`${path}\``)
    return bytes.toString("utf8").trim()
}

/**
 * A text that only its owner may read; null where there is none. Throws `files.readable_by_others` otherwise: whoever
 * could read it may have it.
 */
export async function readPrivate(path: string, bytesMax: number): Promise<string | null> {
    const file = await opened(path)
    if (file === null) return null
    try {
        const { mode } = await file.stat()
        if (process.platform !== "win32" && (mode & 0o077) !== 0) {
            const fix = `\`chmod 600\` it, and consider it known`
            refuse("forbidden", "files.readable_by_others", `others than its owner can reach \`${path}\`: ${fix}`)
        }
        return (await wholeOf(file, path, bytesMax)).toString("utf8")
    } finally {
        await file.close()
    }
}

async function opened(path: string): Promise<FileHandle | null> {
    return await open(path, "r").catch((error: unknown) => {
        if (codeOf(error) === "ENOENT") return null
        throw new WrongUse(`\`${path}\` cannot be read`)
    })
}

async function wholeOf(file: FileHandle, path: string, bytesMax: number): Promise<Buffer> {
    const facts = await file.stat()
    if (!facts.isFile()) throw new WrongUse(`\`${path}\` is no file`)
    if (!(facts.size <= bytesMax)) {
        throw new WrongUse(`\`${path}\` has \`${facts.size}\` bytes, and \`${bytesMax}\` are read at most`)
    }
    return await file.readFile()
}

async function syncFolder(path: string): Promise<void> {
    const folder = await open(path, "r").catch(() => null)
    await folder?.sync().catch(() => undefined)
    await folder?.close()
}

function cannotWrite(path: string): never {
    throw new WrongUse(`\`${path}\` cannot be written`)
}
