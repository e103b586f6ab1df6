/** Marks the copies of a text and traces a leak to a copy: the library in two calls. */
import { refuse } from "@tocsin/base/refusal"
import { isCounted } from "./carriers/carrier.ts"
import { applyWord } from "./carriers/carrier.ts"
import type { ParserFor } from "./carriers/registry.ts"
import { colludersDefault, designFor } from "./code.ts"
import { offlineBook, slotsOf } from "./commands/files-and-keys.ts"
import { findingsOf } from "./commands/trace.ts"
import type { Weighed } from "./evidence/typography.ts"
import { loadParser } from "./grammars.ts"

/** A master and everything that its copies follow from. The same input gives the same copies. */
export interface Marking {
    /** The text, with one or several forms of what can be written in several ways. */
    readonly master: string
    /** A file name: its ending says which notation the text has (`.md`, `.yml`, `.yar`, `.rules`, `.py` …). */
    readonly name: string
    /** 32 secret bytes. Whoever has them can make every copy again. */
    readonly key: Uint8Array
    readonly recipients: readonly string[]
    /** How many recipients may combine their copies and still be traced, 1 to 8. Default 2. */
    readonly colluders?: number
    /** Loads parsers of source code. Default: the tree-sitter grammars that come with the package. */
    readonly parserFor?: ParserFor
}

/** One copy for each recipient. Refuses `mark.unknown_format`, and `mark.no_slots` if nothing can be written in two ways. */
export async function markCopies(marking: Marking): Promise<Map<string, string>> {
    const { master, name, key, recipients, parserFor = loadParser } = marking
    const { slots } = await slotsOf(name, master, parserFor)
    const book = offlineBook(key, master, slots, designOf(marking))
    return new Map(recipients.map((recipient) => [recipient, applyWord(master, slots, book.wordOf(recipient))]))
}

/**
 * How well a leaked text, whole or in parts, fits each copy. With probability `alpha` at most, a recipient whose copy did not
 * leak is identified, whatever the leaker did to the text.
 */
export async function traceLeak(leak: string, marking: Marking, alpha = 1e-6): Promise<Weighed> {
    const { master, name, key, recipients, parserFor = loadParser } = marking
    const { pen, slots } = await slotsOf(name, master, parserFor)
    const symbols = pen.read(master, slots, leak)
    return findingsOf({ slots, master, symbols, recipients, key }, [{ design: designOf(marking), share: 1 }], alpha)
}

/** How many slots of a text carry marks. About 20 slots with two forms tell 100 recipients apart at an error of 1e-3. */
export async function countSlots({ master, name, parserFor = loadParser }: Marking): Promise<number> {
    return (await slotsOf(name, master, parserFor)).slots.filter(isCounted).length
}

function designOf({ colluders = colludersDefault }: Marking) {
    return (
        designFor(colluders) ??
        refuse("invalid", "mark.bad_colluders", "`colluders` must be a whole number from 1 to 8")
    )
}
