/** Marks the copies of a text and traces a leak to a copy: the library in two calls. */
import { refuse } from "@tocsin/base/refusal"
import { isCounted } from "./carriers/carrier.ts"
import { applyCodeword } from "./carriers/carrier.ts"
import type { ParserFor } from "./carriers/registry.ts"
import { colludersDefault, designFor } from "./code.ts"
import { offlineCodebook, loadSlots } from "./commands/files-and-keys.ts"
import { weighRecipients } from "./commands/trace.ts"
import type { WeighedFindings } from "./evidence/typography.ts"
import { loadParser } from "./grammars.ts"

/** A master and all inputs that decide its copies. The same input gives the same copies. */
export interface Marking {
    /** The text. It may give several forms of a passage in slot notation. */
    readonly master: string
    /** A file name. Its ending says which notation the text has (`.md`, `.yml`, `.yar`, `.rules`, `.py` …). */
    readonly name: string
    /** 32 secret bytes. A holder of the key can make every copy again. */
    readonly key: Uint8Array
    readonly recipients: readonly string[]
    /** How many recipients may combine their copies and still be traced, 1 to 8. Default 2. */
    readonly colluders?: number
    /** Loads parsers of source code. Default: the tree-sitter grammars that come with the package. */
    readonly parserFor?: ParserFor
}

/** Makes one copy for each recipient. Refuses `mark.unknown_format`, and `mark.no_slots` if the text has no slots. */
export async function markCopies(marking: Marking): Promise<Map<string, string>> {
    const { master, name, key, recipients, parserFor = loadParser } = marking
    const { slots } = await loadSlots(name, master, parserFor)
    const codebook = offlineCodebook(key, master, slots, designOf(marking))
    return new Map(
        recipients.map((recipient) => [recipient, applyCodeword(master, slots, codebook.codewordOf(recipient))]),
    )
}

/**
 * Measures how well a leaked text, whole or in parts, fits each copy. The probability that any recipient whose copy did
 * not leak is identified is at most `alpha`, whatever the leaker did to the text.
 */
export async function traceLeak(leak: string, marking: Marking, alpha = 1e-6): Promise<WeighedFindings> {
    const { master, name, key, recipients, parserFor = loadParser } = marking
    const { format, slots } = await loadSlots(name, master, parserFor)
    const symbols = format.read(master, slots, leak)
    return weighRecipients(
        { slots, master, symbols, recipients, key },
        [{ design: designOf(marking), share: 1 }],
        alpha,
    )
}

/**
 * Counts the slots of a text that carry marks. About 20 slots with two forms tell 100 recipients apart at an error of
 * 1e-3.
 */
export async function countSlots({ master, name, parserFor = loadParser }: Marking): Promise<number> {
    return (await loadSlots(name, master, parserFor)).slots.filter(isCounted).length
}

function designOf({ colluders = colludersDefault }: Marking) {
    return (
        designFor(colluders) ??
        refuse("invalid", "mark.bad_colluders", "`colluders` must be a whole number from 1 to 8")
    )
}
