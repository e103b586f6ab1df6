/**
 * Finds slot notation that a resolved text still has: braces where nothing can be exchanged.
 *
 * Readers would see all forms there, so this is an error. In code, such braces may belong to the language.
 */
import { type Span, isEscaped } from "./alternatives.ts"
import { codeOfMarkdown } from "./prose/markdown.ts"
import { endingOf, fileKindOf } from "./registry.ts"

/** A leftover of slot notation. */
export interface LeftoverNotation {
    readonly start: number
    /** The notation as written. */
    readonly text: string
    /** Whether it is in code, where it may not be notation. */
    readonly isCode: boolean
}

type Family = "hash" | "slash"

const families: Readonly<Record<string, Family>> = { python: "hash", ruby: "hash", bash: "hash", powershell: "hash" }

/** Code without marks. A patch has lines of any language and counts as code. */
const unmarked = new Map<string, Family | "patch">([
    ...["java", "kt", "rs", "cpp", "cc", "cxx", "h", "hpp", "hxx", "php", "swift", "scala", "jsx", "tsx"].map(
        (ending) => [ending, "slash"] as const,
    ),
    ...["pl", "pm", "psm1", "zsh"].map((ending) => [ending, "hash"] as const),
    ["patch", "patch"],
    ["diff", "patch"],
])

/** Rules and data, in which braces on two lines do not belong together. */
const byLine = /^(?:ya?ml|json|yara?|rules|snort)$/

/** Two opening braces with a form or a value that are not closed: a mistake of the author. */
const notClosed = /\{\{(?![^{}]*\}\})([^\n]{0,80})/g

/** Lists the slot notation left in a text after its slots are decided, in text order. `name` is the file name. */
export function findLeftoverNotation(name: string, text: string): LeftoverNotation[] {
    const found = [...text.matchAll(/\{\{([^{}]*)\}\}/g)].filter(({ 0: whole, 1: inside = "", index }) => {
        const isNotation = /^=|\||^zero-width$/.test(inside)
        return isNotation && !/\n[ \t\r]*\n/.test(whole) && !isEscaped(text, index)
    })
    const broken = [...text.matchAll(notClosed)].filter(({ 1: rest = "", index }) => {
        return /^(?:=[a-z]|[^}]*\|)/.test(rest) && !isEscaped(text, index)
    })
    if (found.length + broken.length === 0) return []
    const known = fileKindOf(name)
    const key = known?.key ?? endingOf(name)
    const family = known?.language === undefined ? unmarked.get(key) : (families[known.language] ?? "slash")
    const isOneLine = family !== undefined || byLine.test(key)
    const isFree = isFreeIn(text.length, family === undefined ? codeIn(key, text) : commentsIn(family, text))
    const inProse = broken.flatMap(({ 0: whole, index: start }) =>
        isFree(start) === (family !== undefined) ? [] : [{ start, text: whole, isCode: false }],
    )
    const closed = found.flatMap(({ 0: whole, 1: inside = "", index: start }) => {
        if (isOneLine && whole.includes("\n")) return []
        return [
            {
                start,
                text: whole,
                isCode: isFree(start) === (family !== undefined) && !/^=[a-z][a-z0-9-]*:/.test(inside),
            },
        ]
    })
    return [...closed, ...inProse].toSorted((a, b) => a.start - b.start)
}

/** Checks that everything left may belong to the code itself. */
export function isWithoutNotation(name: string, text: string): boolean {
    return findLeftoverNotation(name, text).every(({ isCode }) => isCode)
}

function codeIn(key: string, text: string): readonly Span[] {
    return key === "md" || key === "markdown" ? codeOfMarkdown(text) : []
}

function isFreeIn(length: number, spans: readonly Span[]): (at: number) => boolean {
    const taken = new Uint8Array(length)
    for (const { start, end } of spans) taken.fill(1, start, end)
    return (at) => taken[at] !== 1
}

/**
 * Quoted texts. The number of escapes is limited, because the engine stores a way back for each. A longer text is read
 * in parts.
 */
const quotes = String.raw`"[^"\\\n]*(?:\\.[^"\\\n]*){0,999}"?|'[^'\\\n]*(?:\\.[^'\\\n]*){0,999}'?`
const tokens: Readonly<Record<Family, RegExp>> = {
    hash: new RegExp(
        String.raw`"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|${quotes}` +
            String.raw`|<#[^]*?(?:#>|$)|(?<![^\s;])#[^\n]*|(?<![^\n])=begin\b[^]*?(?:\n=end|$)`,
        "g",
    ),
    slash: new RegExp(String.raw`${quotes}|\`[^\`\\]*(?:\\[^][^\`\\]*){0,999}\`?|//[^\n]*|/\*[^]*?(?:\*/|$)`, "g"),
}

/**
 * Finds comments, and texts that are alone on their lines like docstrings, by form. So code that is not parsed has them
 * too.
 */
function commentsIn(family: Family | "patch", text: string): Span[] {
    if (family === "patch") return []
    return [...text.matchAll(tokens[family])].flatMap(({ 0: token, index: start }) => {
        const isAlone = /(?:^|\n)[ \t]*[rRuU]?$/.test(text.slice(Math.max(0, start - 200), start))
        const isProse = /^(?:#|<#|=|\/[/*])/.test(token) || (isAlone && /^(?:"""|''')/.test(token))
        return isProse ? [{ start, end: start + token.length }] : []
    })
}
