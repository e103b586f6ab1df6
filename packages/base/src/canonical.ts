/**
 * Writes canonical JSON (RFC 8785, JCS): one text for each value, so that a hash of the text is a hash of the value.
 *
 * Members are sorted by UTF-16 code units, without spaces between tokens. Numbers and strings are written as in
 * ECMAScript. A value without a canonical form is refused and never repaired.
 */
import { refuse } from "./refusal.ts"

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** The deepest nesting, so that hostile input cannot exhaust the stack. */
const depthMax = 64

/**
 * Writes the canonical text. Refuses codes `canonical.…` for values that JSON cannot express: undefined, NaN,
 * infinities, bigints, functions, lone surrogates, objects of a class such as Date, and nesting beyond 64.
 */
export function canonical(value: unknown): string {
    return write(value, 0)
}

/** Writes the canonical text in UTF-8, as it is hashed. Refuses what `canonical` refuses. */
export function canonicalBytes(value: unknown): Uint8Array {
    return new TextEncoder().encode(canonical(value))
}

/** Reads a text that must be canonical, byte for byte. Refuses `canonical.malformed` for any other. */
export function parseCanonical(text: string): Json {
    const plain = parsePlain(text, 0)
    if (plain !== undefined) return plain
    const value = parse(text)
    if (canonical(value) !== text) refuse("invalid", "canonical.malformed", "this is not canonical json (rfc 8785)")
    return value
}

/**
 * Reads a canonical text, several times faster than by writing its value again: `JSON.stringify` writes the same text
 * if the members are sorted and no half character is escaped. Undefined where this does not show it. `depth` is the
 * number of arrays and objects around the text.
 */
export function parsePlain(text: string, depth: number): Json | undefined {
    if (text.includes("\\ud")) return undefined
    try {
        const value = JSON.parse(text) as Json
        return hasSortedMembers(value, depth) && JSON.stringify(value) === text ? value : undefined
    } catch {
        return undefined
    }
}

function hasSortedMembers(value: Json, depth: number): boolean {
    if (depth > depthMax) return false
    if (typeof value !== "object" || value === null) return true
    if (Array.isArray(value)) return value.every((item: Json) => hasSortedMembers(item, depth + 1))
    const names = Object.keys(value)
    for (let i = 1; i < names.length; i++) if ((names[i - 1] ?? "") >= (names[i] ?? "")) return false
    return Object.values(value).every((item: Json) => hasSortedMembers(item, depth + 1))
}

function parse(text: string): Json {
    try {
        return JSON.parse(text) as Json
    } catch {
        return refuse("invalid", "canonical.malformed", "this is not json")
    }
}

function write(value: unknown, depth: number): string {
    if (depth > depthMax)
        refuse("invalid", "canonical.too_deep", `json nests \`${depthMax}\` levels at most`, { max: depthMax })
    if (value === null || typeof value === "boolean") return String(value)
    if (typeof value === "number") return writeNumber(value)
    if (typeof value === "string") return writeString(value)
    if (Array.isArray(value)) return `[${Array.from(value, (item) => write(item, depth + 1)).join(",")}]`
    if (isPlainObject(value)) return `{${membersOf(value, depth).join(",")}}`
    const kind = typeof value === "object" ? "an object of a class" : typeof value
    return refuse("invalid", "canonical.not_representable", `json has no form for \`${kind}\``, { kind })
}

function membersOf(value: Record<string, unknown>, depth: number): string[] {
    return Object.keys(value)
        .sort()
        .map((name) => `${writeString(name)}:${write(value[name], depth + 1)}`)
}

function writeNumber(value: number): string {
    if (!Number.isFinite(value))
        refuse("invalid", "canonical.not_representable", `json has no form for \`${value}\``, { value })
    return JSON.stringify(value)
}

function writeString(value: string): string {
    if (!value.isWellFormed()) refuse("invalid", "canonical.lone_surrogate", "a string has half a character")
    return JSON.stringify(value)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
    if (typeof value !== "object" || value === null) return false
    const prototype: unknown = Object.getPrototypeOf(value)
    return prototype === Object.prototype || prototype === null
}
