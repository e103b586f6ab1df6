/**
 * Stores the slots of each marked master next to the key. A later version of this program may find other slots.
 * Existing copies must still be read, and later copies made, with the slots of the first copies.
 *
 * The file shows how the master can be written, and no key. Keep it as safe as the master.
 */
import { createHash } from "node:crypto"
import { mkdir, open, readFile } from "node:fs/promises"
import { join } from "node:path"
import { type Slot, placesOf } from "../carriers/carrier.ts"
import { refuse } from "@tocsin/base/refusal"
import { UsageError, codeOf } from "@tocsin/base/command-line"

const folderOf = (key: string): string => `${key}.slots`
const fileOf = (key: string, master: string): string =>
    join(folderOf(key), `${createHash("sha256").update(master).digest("hex")}.json`)

/**
 * Reads the slots; null if this master was not marked with this key. Refuses `mark.bad_slots`.
 */
export async function loadStoredSlots(key: string, master: string): Promise<Slot[] | null> {
    const file = fileOf(key, master)
    const text = await readFile(file, "utf8").catch((error: unknown) => {
        if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null
        throw new UsageError(`cannot read the slots \`${file}\``)
    })
    if (text === null) return null
    const slots = parseSlots(text)
    if (slots === null) refuse("invalid", "mark.bad_slots", `\`${file}\` is damaged: restore it from a backup`)
    return slots
}

function parseSlots(text: string): Slot[] | null {
    try {
        const slots = JSON.parse(text) as Slot[]
        placesOf(slots)
        return slots.every(({ variants }) => variants.every((edits) => edits.every(isEdit))) ? slots : null
    } catch {
        return null
    }
}

const isEdit = ({ start, end, text }: Slot["variants"][number][number]): boolean =>
    Number.isSafeInteger(start) && Number.isSafeInteger(end) && start <= end && typeof text === "string"

/** Stores the slots once, for the owner only. Throws WrongUse if they cannot be written. */
export async function saveSlots(key: string, master: string, slots: readonly Slot[]): Promise<void> {
    const file = fileOf(key, master)
    try {
        await mkdir(folderOf(key), { recursive: true, mode: 0o700 })
        const opened = await open(file, "wx", 0o600)
        try {
            await opened.writeFile(JSON.stringify(slots))
            await opened.sync()
        } finally {
            await opened.close()
        }
    } catch (error) {
        if (codeOf(error) !== "EEXIST") throw new UsageError(`cannot write the slots \`${file}\``)
    }
}
