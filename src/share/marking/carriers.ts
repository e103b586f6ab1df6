/** Which carrier a file has, by its ending. Files of other kinds are handed out unmarked. */
import type { Carrier, Slot, Symbol } from "../../lib/carriers/carrier.ts"
import { markdown } from "../../lib/carriers/markdown.ts"
import { readSource } from "../../lib/carriers/source/read.ts"
import { sourceCarrier } from "../../lib/carriers/source.ts"
import type { Parse } from "../../lib/carriers/syntax.ts"
import { readSlots } from "../../lib/align.ts"

const languages: Readonly<Record<string, string>> = {
    py: "python",
    js: "javascript",
    mjs: "javascript",
    ts: "typescript",
}

/** A carrier, and how its marks are read back from a leak. */
export interface Pen {
    readonly carrier: Carrier
    readonly read: (master: string, slots: readonly Slot[], leak: string) => Symbol[]
}

/** Null where files with this name are handed out unmarked. `parserFor` loads a language's parser. */
export async function penFor(name: string, parserFor: (language: string) => Promise<Parse>): Promise<Pen | null> {
    const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase()
    if (ending === "md") return { carrier: markdown, read: (master, slots, leak) => readSlots(master, slots, leak) }
    const language = Object.hasOwn(languages, ending) ? languages[ending] : undefined
    if (language === undefined) return null
    return { carrier: sourceCarrier(language, await parserFor(language)), read: readSource }
}

/** The length in bytes of the longest copy that any word can give: all copies are padded to its bucket. */
export function longestCopyBytes(masterBytes: number, slots: readonly Slot[]): number {
    const grown = slots.map((slot) =>
        Math.max(
            0,
            ...slot.variants.map((edits) =>
                edits.reduce((sum, edit) => sum + bytesOf(edit.text) - (edit.end - edit.start), 0),
            ),
        ),
    )
    return masterBytes + grown.reduce((sum, one) => sum + one, 0)
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
    return encoder.encode(text).length
}
