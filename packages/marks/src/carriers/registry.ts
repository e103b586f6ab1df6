/** Finds the carrier of a file by the ending of its name, and the reader of its marks. */
import type { Span } from "./alternatives.ts"
import type { Carrier, Slot, Symbol } from "./carrier.ts"
import { markdown, proseOfMarkdown } from "./prose/markdown.ts"
import { plain } from "./prose/plain.ts"
import { Refusal } from "@tocsin/base/refusal"
import { json, proseOfJson } from "./rules/json.ts"
import { readJson } from "./rules/json-read.ts"
import { isSnortFile } from "@tocsin/rules/snort"
import { readSnort, readSuricata, readYara } from "./rules/each.ts"
import { dataReader } from "./rules/read.ts"
import { proseOfSigma, sigma } from "./rules/sigma.ts"
import { proseOfSnort, proseOfSuricata, snort, suricata } from "./rules/suricata.ts"
import { proseOfYara, yara } from "./rules/yara.ts"
import { readSource } from "./source/read.ts"
import { sourceCarrier } from "./source/carrier.ts"
import { readProse } from "./prose/typography-read.ts"
import { plainKeptWords } from "./first-forms.ts"
import type { Parse } from "./tree.ts"

/** Loads the parser of a language. Parsers are not pure, so callers supply them. */
export type ParserFor = (language: string) => Promise<Parse>

/** A carrier with its reader. */
export interface MarkFormat {
    readonly carrier: Carrier
    /** Reads one symbol for each slot, in the order of the slots. Refuses `trace.too_long`. */
    readonly read: (master: string, slots: readonly Slot[], leak: string) => Symbol[]
    /** Lists the spans where the author may write alternatives in braces. Empty if the text cannot be parsed. */
    readonly authoredSpans: (text: string) => readonly Span[]
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

const markdownFormat: MarkFormat = { carrier: markdown, read: readProse, authoredSpans: proseOfMarkdown }
const sigmaFormat: MarkFormat = { carrier: sigma, read: dataReader("yaml"), authoredSpans: proseOfSigma }
const yaraFormat: MarkFormat = { carrier: yara, read: readYara, authoredSpans: proseOfYara }

const formats: Readonly<Record<string, MarkFormat>> = {
    md: markdownFormat,
    markdown: markdownFormat,
    txt: { carrier: plain, read: readProse, authoredSpans: (text) => [{ start: 0, end: text.length }] },
    yml: sigmaFormat,
    yaml: sigmaFormat,
    json: { carrier: json, read: readJson, authoredSpans: proseOfJson },
    yar: yaraFormat,
    yara: yaraFormat,
    rules: { carrier: suricata, read: readSuricata, authoredSpans: proseOfSuricata },
}

/** Snort rules, recognised by the second ending, before the last. */
const snortFormat: MarkFormat = { carrier: snort, read: readSnort, authoredSpans: proseOfSnort }

/** All endings with a carrier. */
export const markedEndings: readonly string[] = [...Object.keys(formats), ...Object.keys(languages)]

/** Reads the ending of a file name, in lower case. */
export const endingOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1).toLowerCase()

/** Finds the carrier and reader for a file name; null if there is none. */
export async function loadMarkFormat(name: string, parserFor: ParserFor): Promise<MarkFormat | null> {
    const known = fileKindOf(name)
    if (known === null) return null
    const read = readerFor(known)
    if (known.language === undefined) return { ...known.format, read }
    return {
        carrier: sourceCarrier(known.language, await parserFor(known.language)),
        read,
        authoredSpans: noSpans,
    }
}

const noSpans = (): readonly Span[] => []

/** Finds the reader alone, which needs no parser. */
export function readerOf(name: string): MarkFormat["read"] | null {
    const known = fileKindOf(name)
    return known && readerFor(known)
}

/** Returns the reader of a file kind. It gets the master without the notation of kept words. */
function readerFor(known: FileKind): MarkFormat["read"] {
    const read = known.language === undefined ? known.format.read : readSource
    return (master, slots, leak) => {
        const plain = plainKeptWords(master, slots)
        return read(plain.text, plain.slots, leak)
    }
}

/** A kind of file that carries marks: with a pen, or source code of a language. `key` identifies the kind. */
export type FileKind =
    | { readonly key: string; readonly format: MarkFormat; readonly language?: undefined }
    | { readonly key: string; readonly language: string }

/** Finds the kind of a file by its name; null if it carries no marks and has no slot notation. */
export function fileKindOf(name: string): FileKind | null {
    if (isSnortFile(name)) return { key: "snort", format: snortFormat }
    const key = endingOf(name)
    const [format, language] = [
        Object.hasOwn(formats, key) && formats[key],
        Object.hasOwn(languages, key) && languages[key],
    ]
    if (format) return { key, format }
    return language ? { key, language } : null
}

/**
 * Lists the slots, or none if the grammar cannot parse the code. The warning is then released unmarked, the same to
 * all.
 */
export function slotsIfParsed(carrier: Carrier, text: string): Slot[] {
    try {
        return carrier.slots(text)
    } catch (error) {
        if (error instanceof Refusal && error.code === "mark.not_parsed") return []
        throw error
    }
}
