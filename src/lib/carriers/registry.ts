/** Which carrier a file has, by the ending of its name, and how its marks are read back. */
import { readSlots } from "../align.ts"
import type { Carrier, Slot, Symbol } from "./carrier.ts"
import { markdown } from "./markdown.ts"
import { plain } from "./plain.ts"
import { readSource } from "./source/read.ts"
import { sourceCarrier } from "./source.ts"
import type { Parse } from "./syntax.ts"

/** Loads the parser of a language. Parsers are not pure, so they come from outside. */
export type ParserFor = (language: string) => Promise<Parse>

/** A carrier, and the reader that goes with it. */
export interface Pen {
    readonly carrier: Carrier
    /** One symbol a slot, in the order of the slots. Throws `trace.too_long`. */
    readonly read: (master: string, slots: readonly Slot[], leak: string) => Symbol[]
}

const languages: Readonly<Record<string, string>> = {
    py: "python",
    js: "javascript",
    mjs: "javascript",
    cjs: "javascript",
    ts: "typescript",
}

const prose: Readonly<Record<string, Carrier>> = { md: markdown, markdown, txt: plain }

/** Every ending that has a carrier. */
export const endings: readonly string[] = [...Object.keys(prose), ...Object.keys(languages)]

/** The pen for files with this name; null where there is none. */
export async function penFor(name: string, parserFor: ParserFor): Promise<Pen | null> {
    const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase()
    const carrier = Object.hasOwn(prose, ending) ? prose[ending] : undefined
    if (carrier !== undefined) return { carrier, read: (master, slots, leak) => readSlots(master, slots, leak) }
    const language = Object.hasOwn(languages, ending) ? languages[ending] : undefined
    if (language === undefined) return null
    return { carrier: sourceCarrier(language, await parserFor(language)), read: readSource }
}
