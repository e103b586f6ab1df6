/**
 * Matches Sigma's strings: case is ignored, `*` and `?` are wildcards, and a backslash escapes them and itself.
 * Matching never goes back further than the last `*`.
 */
import type { Steps } from "../linear-regex.ts"
import { Unevaluated } from "./event.ts"

const any = Symbol("any number of characters")
const item = Symbol("one character")
const dash = Symbol("a dash of any kind")

type Unit = string | typeof any | typeof item | typeof dash
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
        } else if (char === "*") units.push(any)
        else if (char === "?") units.push(item)
        else units.push(char)
    }
    return units
}

/** Checks for a wildcard. */
export function hasWildcard(pattern: Pattern): boolean {
    return pattern.some((unit) => unit === any || unit === item)
}

/** Reads the pattern as plain text, if it has no wildcards. */
export function plainOf(pattern: Pattern): string {
    return pattern.filter((unit) => typeof unit === "string").join("")
}

/** Makes a pattern without wildcards. */
export function literally(text: string): Pattern {
    return [...text]
}

/** Where a pattern must match. */
export type Anchor = "contains" | "startswith" | "endswith"

/** Adds the wildcards of an anchor. */
export function anchored(pattern: Pattern, anchor: Anchor | null): Pattern {
    const units: Unit[] = [...pattern]
    if (anchor === "contains" || anchor === "endswith") units.unshift(any)
    if (anchor === "contains" || anchor === "startswith") units.push(any)
    return units
}

/** Lets a dash at the start of a word, as in a command's option, match any of five dashes. */
export function withAnyDash(pattern: Pattern): Pattern {
    return pattern.map((unit, at) => {
        if (typeof unit !== "string" || !dashes.has(unit)) return unit
        return !isWord(pattern[at - 1]) && isWord(pattern[at + 1]) ? dash : unit
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
        if (--steps.left < 0) throw new Unevaluated("it takes too long")
        if (units[unit] === any) {
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
    while (units[unit] === any) unit++
    return unit === units.length
}

function fits(unit: Unit | undefined, char: string): boolean {
    if (unit === item) return true
    return unit === dash ? dashes.has(char) : unit === char
}
