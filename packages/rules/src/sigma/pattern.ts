/**
 * Matches Sigma's strings: case is ignored, `*` and `?` are wildcards, and a backslash escapes them and itself.
 * Matching never goes back further than the last `*`.
 */
import type { Steps } from "../linear-regex.ts"
import { UndecidedMatch } from "./event.ts"

const anyChars = Symbol("any number of characters")
const oneChar = Symbol("one character")
const anyDash = Symbol("a dash of any kind")

type Unit = string | typeof anyChars | typeof oneChar | typeof anyDash
/** Single characters and wildcards. */
export type Pattern = readonly Unit[]

const dashes = new Set(["-", "/", "–", "—", "―"])

/** Reads a pattern. */
export function patternOf(text: string): Pattern {
    const units: Unit[] = []
    const chars = [...text]
    for (let at = 0; at < chars.length; at++) {
        const char = chars[at] ?? ""
        const after = chars[at + 1]
        if (char === "\\" && (after === "*" || after === "?" || after === "\\")) {
            units.push(after)
            at++
        } else if (char === "*") units.push(anyChars)
        else if (char === "?") units.push(oneChar)
        else units.push(char)
    }
    return units
}

/** Checks for a wildcard. */
export function hasWildcard(pattern: Pattern): boolean {
    return pattern.some((unit) => unit === anyChars || unit === oneChar)
}

/** Reads the pattern as plain text, if it has no wildcards. */
export function plainOf(pattern: Pattern): string {
    return pattern.filter((unit) => typeof unit === "string").join("")
}

/** Makes a pattern without wildcards. */
export function literalPattern(text: string): Pattern {
    return [...text]
}

/** Where a pattern must match. */
export type Anchor = "contains" | "startswith" | "endswith"

/** Adds the wildcards of an anchor. */
export function withAnchor(pattern: Pattern, anchor: Anchor | null): Pattern {
    const units: Unit[] = [...pattern]
    if (anchor === "contains" || anchor === "endswith") units.unshift(anyChars)
    if (anchor === "contains" || anchor === "startswith") units.push(anyChars)
    return units
}

/** Lets a dash at the start of a word, as in a command's option, match any of five dashes. */
export function withAnyDash(pattern: Pattern): Pattern {
    return pattern.map((unit, at) => {
        if (typeof unit !== "string" || !dashes.has(unit)) return unit
        return !isWord(pattern[at - 1]) && isWord(pattern[at + 1]) ? anyDash : unit
    })
}

function isWord(unit: Unit | undefined): boolean {
    return typeof unit === "string" && /[\p{L}\p{N}_]/u.test(unit)
}

/** Matches a text. */
export function matches(pattern: Pattern, text: string, cased: boolean, steps: Steps): boolean {
    const units = cased ? pattern : pattern.map((unit) => (typeof unit === "string" ? unit.toLowerCase() : unit))
    const chars = [...(cased ? text : text.toLowerCase())]
    let [unit, char] = [0, 0]
    let star = -1
    let from = 0
    while (char < chars.length) {
        if (--steps.remaining < 0) throw new UndecidedMatch("it takes too long")
        if (units[unit] === anyChars) {
            star = unit++
            from = char
        } else if (unit < units.length && fits(units[unit], chars[char] ?? "")) {
            unit++
            char++
        } else if (star !== -1) {
            unit = star + 1
            char = ++from
        } else return false
    }
    while (units[unit] === anyChars) unit++
    return unit === units.length
}

function fits(unit: Unit | undefined, char: string): boolean {
    if (unit === oneChar) return true
    return unit === anyDash ? dashes.has(char) : unit === char
}
