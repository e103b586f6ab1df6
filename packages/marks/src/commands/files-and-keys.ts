/**
 * Reads the inputs of marking and tracing without a server: a text, a list of recipients, and a key in a file.
 *
 * The codewords follow from the key, the recipients' names and the slots of the master. A holder of the key can make
 * any copy again. Without the key, no copy can be traced.
 */
import { createCipheriv, createHash, randomBytes } from "node:crypto"
import { chmod, open, readFile, stat } from "node:fs/promises"
import { type Slot, isCounted, placesOf } from "../carriers/carrier.ts"
import { type ParserFor, type MarkFormat, markedEndings, loadMarkFormat } from "../carriers/registry.ts"
import { type Codebook, type CipherOf, type Colluders, type CodeSlot, codebookOf, docKey } from "../code.ts"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type CommandOutput, UsageError, codeOf } from "@tocsin/base/command-line"

const keyLine = /^tocsin-mark-key-1 ([A-Za-z0-9_-]{43})\s*$/
const nameMax = 200
const masterBytesMax = 4 * 1024 * 1024
const listBytesMax = 16 * 1024 * 1024

/**
 * Reads a file's text. `command` decides the codes of refusals: `mark.empty`, `trace.empty`, `mark.not_text`, and so
 * on. `checkLength` checks the length in bytes first. Throws WrongUse if there is no such file.
 */
export async function readText(
    path: string,
    command: "mark" | "trace",
    checkLength: (bytes: number) => void = lengthLimit(masterBytesMax),
): Promise<string> {
    const file = await stat(path).catch(() => null)
    if (file === null || !file.isFile()) throw new UsageError(`no file \`${path}\`: check the path`)
    checkLength(file.size)
    const bytes = await readFile(path).catch(() => null)
    if (bytes === null) throw new UsageError(`cannot read \`${path}\``)
    const text = decodeText(bytes)
    if (text === null)
        refuse(
            "invalid",
            command === "trace" ? "trace.not_text" : "mark.not_text",
            `\`${path}\` is not UTF-8 text: convert it`,
        )
    if (text.trim() === "")
        refuse(
            "invalid",
            command === "trace" ? "trace.empty" : "mark.empty",
            `\`${path}\` is empty: give a file with text`,
        )
    return text
}

function lengthLimit(bytesMax: number): (bytes: number) => void {
    return (bytes) => {
        if (bytes <= bytesMax) return
        refuse("invalid", "mark.too_long", `the file has \`${bytes}\` bytes: use at most \`${bytesMax}\``)
    }
}

function decodeText(bytes: Uint8Array): string | null {
    if (bytes.includes(0)) return null
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
        return null
    }
}

/**
 * Reads recipients, one a line. Refuses `mark.no_recipients`, `mark.recipient_empty`, `mark.duplicate_recipient` and
 * `mark.bad_recipient`.
 */
export async function readRecipients(path: string): Promise<string[]> {
    const text = await readText(path, "mark", lengthLimit(listBytesMax)).catch((error: unknown) => {
        if (error instanceof Refusal && error.code === "mark.empty") return ""
        throw error
    })
    const lines = text
        .replace(/^\ufeff/, "")
        .trimEnd()
        .split("\n")
    const names = lines.map((line) => line.trim().normalize("NFC"))
    if (names.join("") === "")
        refuse("invalid", "mark.no_recipients", `\`${path}\` has no recipient: add one name a line`)
    const seen = new Map<string, string>()
    for (const [i, name] of names.entries()) {
        if (name === "")
            refuse("invalid", "mark.recipient_empty", `line \`${i + 1}\` of \`${path}\` is empty: remove it`)
        if (name.length > nameMax || /\p{C}/u.test(name)) {
            refuse(
                "invalid",
                "mark.bad_recipient",
                `line \`${i + 1}\` of \`${path}\` is too long or has invisible characters: correct the name`,
            )
        }
        const similar = seen.get(name.normalize("NFKC").toLowerCase())
        if (similar !== undefined) {
            refuse(
                "invalid",
                "mark.duplicate_recipient",
                `\`${name}\` and \`${similar}\` in \`${path}\` look alike: rename one`,
            )
        }
        seen.set(name.normalize("NFKC").toLowerCase(), name)
    }
    return names
}

/** Reads the key in a file, which must exist. Refuses `mark.bad_key`. */
export async function readKey(path: string, io: CommandOutput): Promise<Uint8Array> {
    const parts = keyLine.exec(await readText(path, "mark", lengthLimit(4096)))
    if (parts === null)
        refuse("invalid", "mark.bad_key", `\`${path}\` contains no mark key: give the key file of \`tocsin mark\``)
    const mode = (await stat(path)).mode & 0o077
    if (process.platform !== "win32" && mode !== 0)
        io.message(`warning: other users can read the key \`${path}\`: run \`chmod 600\` on it`)
    return Buffer.from(parts[1] ?? "", "base64url")
}

/** Reads the key in a file. If there is no file, makes one for its owner only. */
export async function readOrCreateKey(path: string, io: CommandOutput): Promise<Uint8Array> {
    const file = await open(path, "wx", 0o600).catch((error: unknown) => {
        if (codeOf(error) === "EEXIST") return null
        throw new UsageError(`cannot read or create the key \`${path}\``)
    })
    if (file === null) return readKey(path, io)
    const key = randomBytes(32)
    try {
        await file.writeFile(`tocsin-mark-key-1 ${key.toString("base64url")}\n`)
        await file.sync()
    } finally {
        await file.close()
    }
    await chmod(path, 0o600)
    io.message(`created the key \`${path}\`: keep it safe and secret, because no copy can be traced without it`)
    return key
}

/**
 * Finds the pen for a master, and its slots: those in `storedSlots`, or as found now. Refuses
 * `mark.unsupported_format`, `mark.no_slots`, and the carrier's own codes.
 */
export async function loadSlots(
    path: string,
    master: string,
    parserFor: ParserFor,
    storedSlots: Slot[] | null = null,
): Promise<{ format: MarkFormat; slots: Slot[] }> {
    const format = await loadMarkFormat(path, parserFor)
    if (format === null) {
        const known = markedEndings.map((ending) => `.${ending}`).join(", ")
        refuse("invalid", "mark.unsupported_format", `\`${path}\` has an unsupported file type: use one of ${known}`)
    }
    const slots = storedSlots ?? format.carrier.slots(master)
    if (!slots.some(isCounted))
        refuse(
            "invalid",
            "mark.no_slots",
            `\`${path}\` has no slots: add {{one|another}} where two forms mean the same`,
        )
    return { format, slots }
}

/** Makes an AES-128 cipher with the platform's cryptography. */
export const cipherOf: CipherOf = (key) => {
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false)
    return (blocks) => cipher.update(blocks)
}

/** The inputs that decide the codewords of a master's copies. */
export interface OfflineDocument {
    /** The key K_doc. */
    readonly key: Uint8Array
    readonly places: readonly CodeSlot[]
    readonly colluders: Colluders
}

/**
 * Derives a document from a key and a master. One key serves any number of masters. Each draft has codewords of its
 * own, so that a copy of one draft reveals nothing about copies of the next.
 */
export function offlineDocument(
    key: Uint8Array,
    master: string,
    slots: readonly Slot[],
    colluders: Colluders,
): OfflineDocument {
    const version = createHash("sha256").update(master).digest("hex")
    return { key: docKey(key, { document: "offline", version, epoch: 1 }), places: placesOf(slots), colluders }
}

/** Builds the codewords of all recipients. */
export function offlineCodebook(
    key: Uint8Array,
    master: string,
    slots: readonly Slot[],
    colluders: Colluders,
): Codebook {
    const document = offlineDocument(key, master, slots, colluders)
    return codebookOf(document.key, document.places, colluders, cipherOf)
}
