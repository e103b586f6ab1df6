/** Which carrier a file has, by the ending of its name, and how its marks are read back. */
import type { Carrier, Slot, Symbol } from "./carrier.ts"
import { markdown } from "./markdown.ts"
import { plain } from "./plain.ts"
import { Refusal } from "../refusal.ts"
import { json } from "./rules/json.ts"
import { readJson } from "./rules/json-read.ts"
import { isSnortFile } from "../rules/snort.ts"
import { readSnort, readSuricata, readYara } from "./rules/each.ts"
import { dataReader } from "./rules/read.ts"
import { sigma } from "./rules/sigma.ts"
import { snort, suricata } from "./rules/suricata.ts"
import { yara } from "./rules/yara.ts"
import { readSource } from "./source/read.ts"
import { sourceCarrier } from "./source.ts"
import { readProse } from "./typography-read.ts"
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
    ps1: "powershell",
    sh: "bash",
    bash: "bash",
    c: "c",
    cs: "csharp",
    go: "go",
    rb: "ruby",
}

const pens: Readonly<Record<string, Pen>> = {
    md: { carrier: markdown, read: readProse },
    markdown: { carrier: markdown, read: readProse },
    txt: { carrier: plain, read: readProse },
    yml: { carrier: sigma, read: dataReader("yaml") },
    yaml: { carrier: sigma, read: dataReader("yaml") },
    json: { carrier: json, read: readJson },
    yar: { carrier: yara, read: readYara },
    yara: { carrier: yara, read: readYara },
    rules: { carrier: suricata, read: readSuricata },
}

/** Known by a second ending, before the last. */
const ofSnort: Pen = { carrier: snort, read: readSnort }

/** Every ending that has a carrier. */
export const endings: readonly string[] = [...Object.keys(pens), ...Object.keys(languages)]

export const endingOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1).toLowerCase()

/** The pen for files with this name; null where there is none. */
export async function penFor(name: string, parserFor: ParserFor): Promise<Pen | null> {
    const { pen, language } = knownBy(name)
    if (language === undefined) return pen ?? null
    return { carrier: sourceCarrier(language, await parserFor(language)), read: readSource }
}

/** The reader alone, which needs no parser. */
export function readerFor(name: string): Pen["read"] | null {
    const { pen, language } = knownBy(name)
    return language === undefined ? (pen?.read ?? null) : readSource
}

function knownBy(name: string): { readonly pen?: Pen | undefined; readonly language?: string | undefined } {
    if (isSnortFile(name)) return { pen: ofSnort }
    const ending = endingOf(name)
    if (Object.hasOwn(pens, ending)) return { pen: pens[ending] }
    return { language: Object.hasOwn(languages, ending) ? languages[ending] : undefined }
}

/** Code that our grammars do not understand has no slots: a warning goes out all the same, the same to everybody. */
export function slotsIfParsed(carrier: Carrier, text: string): Slot[] {
    try {
        return carrier.slots(text)
    } catch (error) {
        if (error instanceof Refusal && error.code === "mark.not_parsed") return []
        throw error
    }
}
