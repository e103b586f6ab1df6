/**
 * Parses JSON from outside strictly (RFC 7493). Refuses everything that two readers could read differently: duplicate
 * keys, keys of prototypes, deep nesting, numbers that lose their value, and lone surrogates.
 */
import { refuse } from "./refusal.ts"

/** The limits of a text. */
export interface JsonLimits {
    readonly depthMax: number
}

const forbiddenKeys = new Set(["__proto__", "constructor", "prototype"])
/** Matches a string by its opening quote alone. A pattern over megabytes of text would exhaust the stack. */
const tokenPattern = /[{}[\],:"]|[^{}[\],:"\s]+/gu

/** Parses a text. Refuses `json.invalid` if it is not JSON, or not JSON that all readers read alike. */
export function parseStrictJson(text: string, limits: JsonLimits = { depthMax: 64 }): unknown {
    validateStrict(text, limits.depthMax)
    try {
        return JSON.parse(text) as unknown
    } catch {
        return refuseInvalid("this is not JSON")
    }
}

/** Checks the tokens in one pass, with the keys of each open object. */
function validateStrict(text: string, depthMax: number): void {
    const openKeys: (Set<string> | null)[] = []
    let previous = ""
    const tokens = new RegExp(tokenPattern)
    for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
        const piece = match[0] === '"' ? stringAt(text, match.index) : match[0]
        tokens.lastIndex = match.index + piece.length
        if (piece === "{" || piece === "[") openKeys.push(piece === "{" ? new Set() : null)
        else if (piece === "}" || piece === "]") openKeys.pop()
        else if (piece === ":") assertNewKey(openKeys.at(-1), previous)
        else if (/\\u[dD][89a-fA-F]/.test(piece) && !isWellFormed(piece)) refuseInvalid("a text has half a character")
        else if (/^-?\d/.test(piece) && Math.abs(Number(piece)) > Number.MAX_SAFE_INTEGER)
            refuseInvalid("a number is too large")
        if (!(openKeys.length <= depthMax)) refuseInvalid(`JSON may be nested \`${depthMax}\` deep at most`)
        previous = piece
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
function isWellFormed(quoted: string): boolean {
    try {
        return String(JSON.parse(quoted)).isWellFormed()
    } catch {
        return true
    }
}

function assertNewKey(keys: Set<string> | null | undefined, quoted: string): void {
    if (!keys || !quoted.startsWith('"')) return
    let key: string
    try {
        key = JSON.parse(quoted) as string
    } catch {
        return refuseInvalid("this is not JSON")
    }
    if (forbiddenKeys.has(key)) refuseInvalid("a key is not permitted")
    if (keys.has(key)) refuseInvalid("a key occurs twice")
    keys.add(key)
}

function refuseInvalid(message: string): never {
    refuse("invalid", "json.invalid", message)
}
