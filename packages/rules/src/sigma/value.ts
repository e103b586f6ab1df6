/** Turns one value of a rule, with its field's modifiers, into a test of an event. */
import { base64 } from "@scure/base"
import { quote } from "@tocsin/base/issue"
import { linearRegex } from "../linear-regex.ts"
import { addressOf, contains, hasHostBits, networkOf } from "../network.ts"
import type { YamlScalar } from "../strict-yaml.ts"
import { type Utf16Kind, base64Offsets, bytesOf } from "./encoding.ts"
import { type Event, type Leaf, UndecidedMatch, valuesOf } from "./event.ts"
import { isCompare, isTime } from "./modifiers.ts"
import {
    type Anchor,
    type Pattern,
    withAnchor,
    hasWildcard,
    literalPattern,
    matches,
    patternOf,
    plainOf,
    withAnyDash,
} from "./pattern.ts"

/** Tests the values of a field; `found` is null if the event has no such field. */
export type Test = (found: readonly Leaf[] | null, event: Event) => boolean

/** Builds tests of which at least one must match. A string says what is wrong with the value. */
export function testsOf(modifiers: readonly string[], { value, source }: YamlScalar): Test[] | string {
    const text = typeof value === "string" ? value : source
    if (modifiers.includes("exists")) return existenceTest(value)
    if (modifiers.includes("fieldref")) return fieldTest(modifiers, text)
    if (value === null) return nullTest(modifiers)
    if (modifiers.includes("re")) return regexTest(modifiers, text)
    if (modifiers.includes("cidr")) return networkTest(text)
    if (modifiers.some((modifier) => isCompare(modifier) || isTime(modifier))) return numberTest(modifiers, value)
    if (modifiers.includes("expand")) return placeholderTest(text)
    return textTests(modifiers, value, text)
}

function existenceTest(value: Leaf): Test[] | string {
    if (typeof value !== "boolean") return "`exists` is asked with `true` or `false`"
    return [(found) => (found !== null) === value]
}

function nullTest(modifiers: readonly string[]): Test[] | string {
    const odd = modifiers.find((modifier) => modifier !== "all" && modifier !== "neq")
    if (odd !== undefined) return `\`null\` does not go with \`${odd}\``
    return [(found) => found === null || found.includes(null)]
}

function fieldTest(modifiers: readonly string[], name: string): Test[] | string {
    if (name === "" || /\s/.test(name)) return `${quote(name)} is no field's name`
    const cased = modifiers.includes("cased")
    return [
        (found, event) =>
            (valuesOf(event, name) ?? []).some((other) => {
                const pattern = withAnchor(literalPattern(String(other)), anchorOf(modifiers))
                return someText(found, (leaf) => matches(pattern, String(leaf), cased, event.steps))
            }),
    ]
}

function regexTest(modifiers: readonly string[], text: string): Test[] | string {
    const has = (flag: string) => modifiers.includes(flag)
    const regex = linearRegex(text, { i: has("i"), m: has("m"), s: has("s") })
    if (typeof regex === "string") return `${quote(text)}: ${regex}`
    return [
        (found, event) =>
            someText(found, (leaf) => {
                const hit = regex.test(String(leaf), event.steps)
                if (hit === null) throw new UndecidedMatch(`${quote(text)} takes too long`)
                return hit
            }),
    ]
}

function networkTest(text: string): Test[] | string {
    const network = networkOf(text)
    if (network === null || !text.includes("/")) return `${quote(text)} is no network`
    if (hasHostBits(network)) return `${quote(text)} has bits set behind its length`
    return [
        (found) =>
            someText(found, (leaf) => {
                const address = addressOf(String(leaf))
                return address !== null && contains(network, address)
            }),
    ]
}

const comparisons: Readonly<Record<string, (value: number, other: number) => boolean>> = {
    lt: (value, other) => value < other,
    lte: (value, other) => value <= other,
    gt: (value, other) => value > other,
    gte: (value, other) => value >= other,
}
const equal = (value: number, other: number): boolean => value === other

function numberTest(modifiers: readonly string[], value: Leaf): Test[] | string {
    if (typeof value !== "number") return "numbers are compared with a number"
    const time = modifiers.find(isTime)
    const compare = comparisons[modifiers.find(isCompare) ?? ""] ?? equal
    return [
        (found) =>
            someText(found, (leaf) => {
                const number = time === undefined ? numberOf(leaf) : partOf(time, String(leaf))
                return number !== null && compare(number, value)
            }),
    ]
}

function numberOf(leaf: Leaf): number | null {
    if (typeof leaf === "number") return leaf
    return typeof leaf === "string" && /^-?\d+(\.\d+)?$/.test(leaf.trim()) ? Number(leaf) : null
}

/** Extracts a part of a date as written, without converting zones. */
function partOf(part: string, text: string): number | null {
    if (part === "week") throw new UndecidedMatch("how weeks are counted is left open: `week` is not evaluated")
    const found = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?/.exec(text)
    if (found === null) return null
    const written = found[["year", "month", "day", "hour", "minute"].indexOf(part) + 1]
    return written === undefined ? null : Number(written)
}

function placeholderTest(text: string): Test[] | string {
    if (!/(?<!\\)%[^%\s\\]+%/.test(text)) return "`expand` needs a placeholder such as `%Servers%`"
    return [() => undecided(`${quote(text)} gets its meaning where the rule is used`)]
}

function textTests(modifiers: readonly string[], value: Leaf, text: string): Test[] | string {
    const plain = modifiers.every((modifier) => modifier === "all" || modifier === "neq")
    if (plain && typeof value === "number") return [(found) => someText(found, (leaf) => isNumber(leaf, value, text))]
    let patterns: Pattern[] = [patternOf(text)]
    const base = modifiers.find((modifier) => modifier.startsWith("base64"))
    if (base !== undefined && modifiers.includes("windash")) {
        return [() => undecided("dashes in what is encoded are not evaluated")]
    }
    if (base !== undefined) {
        const [pattern = []] = patterns
        if (hasWildcard(pattern)) return "what is encoded has no wildcards"
        const utf16 =
            modifiers.find((modifier): modifier is Utf16Kind => modifier === "wide" || modifier.startsWith("utf16")) ??
            null
        const bytes = bytesOf(plainOf(pattern), utf16)
        if (bytes.length === 0) return "what is encoded is not empty"
        patterns = (base === "base64" ? [base64.encode(Uint8Array.from(bytes))] : base64Offsets(bytes)).map(
            literalPattern,
        )
    } else if (modifiers.includes("windash")) patterns = patterns.map(withAnyDash)
    if (anchorOf(modifiers) !== null && text === "") return "nothing is contained in everything"
    const sought = patterns.map((pattern) => withAnchor(pattern, anchorOf(modifiers)))
    const cased = modifiers.includes("cased")
    return [
        (found, { steps }) =>
            someText(found, (leaf) => sought.some((units) => matches(units, String(leaf), cased, steps))),
    ]
}

function undecided(reason: string): never {
    throw new UndecidedMatch(reason)
}

function isNumber(leaf: Leaf, value: number, source: string): boolean {
    return leaf === value || (typeof leaf === "string" && (leaf === source || numberOf(leaf) === value))
}

/** Null is not a text; only `null` matches it. */
function someText(found: readonly Leaf[] | null, test: (leaf: Leaf) => boolean): boolean {
    return (found ?? []).some((leaf) => leaf !== null && test(leaf))
}

function anchorOf(modifiers: readonly string[]): Anchor | null {
    return (
        modifiers.find((modifier): modifier is Anchor => ["contains", "startswith", "endswith"].includes(modifier)) ??
        null
    )
}
