/**
 * Parses JSON from outside strictly (RFC 7493). Refuses everything that two readers could read differently: duplicate
 * keys, keys of prototypes, deep nesting, numbers that lose their value, and lone surrogates.
 */
import { refuse } from "./refusal.ts"

/** The limits of a text. */
export interface JsonLimits {
    readonly depthMax: number
}

const poison = new Set(["__proto__", "constructor", "prototype"])
/** Matches a string by its opening quote alone. A pattern over megabytes of text would exhaust the stack. */
const token = /[{}[\],:"]|[^{}[\],:"\s]+/gu

/** Parses a text. Refuses `json.invalid` if it is not JSON, or not JSON that all readers read alike. */
export function parseStrictJson(text: string, limits: JsonLimits = { depthMax: 64 }): unknown {
    validateStrict(text, limits.depthMax)
    try {
        return JSON.parse(text) as unknown
    } catch {
        return bad("this is not JSON")
    }
}

/** Checks the tokens in one pass, with the keys of each open object. */
function validateStrict(text: string, depthMax: number): void {
    const open: (Set<string> | null)[] = []
    let last = ""
    const tokens = new RegExp(token)
    for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
        const found = match[0] === '"' ? stringAt(text, match.index) : match[0]
        tokens.lastIndex = match.index + found.length
        if (found === "{" || found === "[") open.push(found === "{" ? new Set() : null)
        else if (found === "}" || found === "]") open.pop()
        else if (found === ":") checkKey(open.at(-1), last)
        else if (/\\u[dD][89a-fA-F]/.test(found) && !isWhole(found)) bad("a text holds half a character")
        else if (/^-?\d/.test(found) && Math.abs(Number(found)) > Number.MAX_SAFE_INTEGER) bad("a number is too large")
        if (!(open.length <= depthMax)) bad(`JSON may be nested \`${depthMax}\` deep at most`)
        last = found
    }
}

/** Extracts the string that begins at `start`, with its quotes; an unclosed string ends with the text. */
function stringAt(text: string, start: number): string {
    for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
        let slashes = 0
        while (text[end - 1 - slashes] === "\\") slashes++
        if (slashes % 2 === 0) return text.slice(start, end + 1)
    }
    return text.slice(start)
}

/** Leaves malformed strings to the parser. */
function isWhole(written: string): boolean {
    try {
        return String(JSON.parse(written)).isWellFormed()
    } catch {
        return true
    }
}

function checkKey(keys: Set<string> | null | undefined, written: string): void {
    if (!keys || !written.startsWith('"')) return
    let key: string
    try {
        key = JSON.parse(written) as string
    } catch {
        return bad("this is not JSON")
    }
    if (poison.has(key)) bad("a key is not permitted")
    if (keys.has(key)) bad("a key occurs twice")
    keys.add(key)
}

function bad(why: string): never {
    refuse("invalid", "json.invalid", why)
}
