/**
 * Runs regular expressions of users in linear time with RE2, so that no text makes a match explode.
 *
 * Rules are written for PCRE. Notation that differs is translated. Constructs that RE2 cannot run (back references,
 * look-around, atomic or possessive groups) are refused.
 */
import { RE2JS, RE2JSException, RE2JSSyntaxException } from "re2js"
import { quote } from "@tocsin/base/issue"

/** The flags for case, lines and dots, as in PCRE. */
export interface RegexFlags {
    readonly i?: boolean
    readonly m?: boolean
    readonly s?: boolean
}

/** The remaining work, shared by all matches of one request. */
export interface Steps {
    remaining: number
}

/** A compiled expression. */
export interface LinearRegex {
    /** Checks whether the expression matches anywhere in the text; null if that takes more steps than remain. */
    test(text: string, steps: Steps): boolean | null
}

const charsMax = 4096
/** The largest size of an expression: `(a{1000}){1000}` is short to write and takes long to compile. */
const sizeMax = 4000
/** The number of RE2 instructions that take at most the time of one step. */
const instructionsPerStep = 16

/** Compiles an expression. A string says in one lower-case line why it cannot be run. */
export function linearRegex(pattern: string, flags: RegexFlags = {}): LinearRegex | string {
    if (!(pattern.length <= charsMax)) return `an expression may have \`${charsMax}\` characters at most`
    const tokens = tokensOf(pattern)
    if (sizeOf(tokens) > sizeMax) return "the expression is too large to run"
    try {
        const regex = RE2JS.compile(tokens.map(translate).join(""), bitsOf(flags))
        const size = regex.programSize()
        return {
            test: (text, steps) => {
                steps.remaining -= 1 + Math.ceil((text.length * size) / instructionsPerStep)
                return steps.remaining < 0 ? null : regex.test(text)
            },
        }
    } catch (error) {
        if (error instanceof RE2JSSyntaxException) return `${error.error}: ${quote(error.input ?? "")}`
        if (error instanceof RE2JSException) return "the expression cannot be run"
        throw error
    }
}

const foreign = /\(\?(?:[=!>#&|RxP(]|<[=!])|\(\*|[*+?}]\+|\\[1-9gkKpPXQEGCN]/

/** Finds what is wrong with a PCRE expression; null if it is valid, also if only PCRE can run it. */
export function regexFault(pattern: string): string | null {
    const regex = linearRegex(pattern)
    return typeof regex !== "string" || (foreign.test(pattern) && pattern.length <= charsMax) ? null : regex
}

function bitsOf({ i = false, m = false, s = false }: RegexFlags): number {
    return (i ? RE2JS.CASE_INSENSITIVE : 0) | (m ? RE2JS.MULTILINE : 0) | (s ? RE2JS.DOTALL : 0)
}

/** Matches escapes, classes, counts, beginnings of groups, and single characters. */
const token = /\\u[0-9A-Fa-f]{4}|\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*\]|\{\d+(?:,\d*)?\}|\(\?'\w+'|./gsu
const inClass = /\\u[0-9A-Fa-f]{4}|\\.|[^\\]+/gsu

const tokensOf = (pattern: string): string[] => pattern.match(token) ?? []

/** PCRE notation that RE2 writes in another way. `$` and `\Z` also match before a line end at the very end. */
const re2Notation: Readonly<Record<string, string>> = {
    $: "(?:$|\\n\\z)",
    "\\Z": "(?:\\z|\\n\\z)",
    "\\s": "[[:space:]]",
    "\\S": "[[:^space:]]",
    "\\h": "[\\t \\x{A0}]",
    "\\R": "[\\n-\\r]",
    "\\e": "\\x1B",
}
const re2NotationInClass: Readonly<Record<string, string>> = {
    "\\s": "[:space:]",
    "\\S": "[:^space:]",
    "\\h": "\\t \\x{A0}",
    "\\R": "\\n-\\r",
    "\\e": "\\x1B",
    "\\b": "\\x08",
}

function translate(written: string): string {
    if (written.startsWith("[") && written.length > 1)
        return written.replaceAll(inClass, (part) => escape(part, re2NotationInClass))
    if (written.startsWith("(?'")) return `(?P<${written.slice(3, -1)}>`
    return escape(written, re2Notation)
}

function escape(written: string, table: Readonly<Record<string, string>>): string {
    if (Object.hasOwn(table, written)) return table[written] ?? written
    if (/^\\u.{4}$/.test(written)) return `\\x{${written.slice(2)}}`
    return /^\\[^\0-\x7f]$/u.test(written) ? written.slice(1) : written
}

/** Estimates the number of instructions of an expression, with all counts expanded. */
function sizeOf(tokens: readonly string[]): number {
    const open: number[] = []
    let [size, last] = [0, 0]
    for (const written of tokens) {
        const counts = /^\{(\d+)(?:,(\d*))?\}$/.exec(written)
        if (counts !== null) size += last * (Math.max(Number(counts[1]), Number(counts[2] ?? 0)) - 1)
        else if (written === ")") {
            last = size + 2
            size = last + (open.pop() ?? 0)
        } else if (written.startsWith("(")) {
            open.push(size)
            size = 0
        } else if (!/^[?*+|:]$/.test(written)) {
            last = 1
            size += 1
        }
    }
    return open.reduce((sum, before) => sum + before, size)
}
