/** Reads the options of a Suricata rule, separated by `;`, with their texts and patterns. */
import { quote } from "@tocsin/base/issue"

/** One option. */
export interface Option {
    readonly name: string
    /** The offset in the rule, from 0. */
    readonly at: number
    /** The value, trimmed; null if there is no `:`. */
    readonly value: string | null
}

/** The options of a rule. */
export interface OptionsResult {
    readonly options: readonly Option[]
    /** The first fault of the list and its offset; null if it is valid. */
    readonly fault: { readonly at: number; readonly message: string } | null
}

/** Reads the options. `opens` is the offset of the bracket. A `;` in a text is written `\;` or `|3B|`. */
export function readOptions(rule: string, opens: number): OptionsResult {
    const options: Option[] = []
    const closes = rule.trimEnd().length - 1
    const fault = (at: number, message: string): OptionsResult => ({ options, fault: { at, message } })
    if (rule[closes] !== ")" || isEscaped(rule, closes)) return fault(closes, "the last bracket is missing")
    let from = opens + 1
    for (let at = from; at < closes; at++) {
        if (rule[at] !== ";" || isEscaped(rule, at)) continue
        const text = rule.slice(from, at)
        const start = from + (text.length - text.trimStart().length)
        if (text.trim() === "") return fault(at, "an option is empty")
        if (countQuotes(text) % 2 !== 0)
            return fault(at, 'a `;` or `"` in a text is written `\\;`, `\\"`, or in hexadecimal')
        options.push(parseOption(text.trim(), start))
        from = at + 1
    }
    const rest = rule.slice(from, closes)
    if (rest.trim() !== "") return fault(from, `${quote(rest.trim())} does not end with \`;\``)
    return options.length > 0 ? { options, fault: null } : fault(opens, "there is no option")
}

function parseOption(text: string, at: number): Option {
    const colon = text.indexOf(":")
    if (colon === -1) return { name: text, at, value: null }
    return { name: text.slice(0, colon).trim(), at, value: text.slice(colon + 1).trim() }
}

function isEscaped(text: string, at: number): boolean {
    let slashes = 0
    while (text[at - 1 - slashes] === "\\") slashes++
    return slashes % 2 === 1
}

function countQuotes(text: string): number {
    return [...text.matchAll(/"/g)].filter((item) => !isEscaped(text, item.index)).length
}

/** Extracts the text in quotes, without a leading `!`; null if there are no quotes. */
export function unquoted(value: string): string | null {
    const text = value.startsWith("!") ? value.slice(1).trimStart() : value
    const whole = text.length >= 2 && text.startsWith('"') && text.endsWith('"') && !isEscaped(text, text.length - 1)
    return whole ? text.slice(1, -1) : null
}

/** Counts the bytes of a content. A string says what is wrong with it. */
export function contentLength(text: string): number | string {
    let length = 0
    const token = /\|([^|]*)(\||$)|\\([^]?)|[^|\\]+/g
    for (const [whole, hex, closes, escaped] of text.matchAll(token)) {
        if (hex !== undefined) {
            if (closes === "") return "a `|` opens bytes that are never closed"
            const bytes = hex.replaceAll(/\s/g, "")
            if (!/^([0-9A-Fa-f]{2})+$/.test(bytes)) return `${quote(whole)} is no hexadecimal`
            length += bytes.length / 2
        } else if (escaped !== undefined) {
            if (!/^[\\";:|]$/.test(escaped)) return `${quote(whole)} escapes nothing: write \`|5C|\``
            length++
        } else if (whole.includes('"')) return 'a `"` in a text is escaped'
        else length += new TextEncoder().encode(whole).length
    }
    return length === 0 ? "a content is not empty" : length
}

const pcreFlags = /^[ismxAEGRBUIPQHDMCSYVWKTO]*$/

/** Finds what is wrong with the notation of a pattern; null if it is valid. The engine checks its meaning. */
export function pcreFault(text: string): string | null {
    const ends = text.lastIndexOf("/")
    if (!text.startsWith("/") || ends === 0) return "a pattern stands between `/` and `/`"
    if (ends === 1) return "a pattern is not empty"
    const flags = text.slice(ends + 1)
    if (!pcreFlags.test(flags)) return `${quote(flags)} are no flags of a pattern`
    return bracketFault(text.slice(1, ends))
}

function bracketFault(pattern: string): string | null {
    let depth = 0
    let inClass = false
    for (let at = 0; at < pattern.length; at++) {
        const char = pattern[at]
        if (char === "\\") at++
        else if (inClass) inClass = char !== "]"
        else if (char === "[") {
            inClass = true
            if (pattern[at + 1] === "^") at++
            if (pattern[at + 1] === "]") at++
        } else if (char === "(") depth++
        else if (char === ")" && --depth < 0) return "a `)` closes nothing"
    }
    if (inClass) return "a `[` is never closed"
    return depth === 0 ? null : "a `(` is never closed"
}
