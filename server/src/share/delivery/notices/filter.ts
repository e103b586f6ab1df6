/**
 * The notice filter: the products about which a partner wants notices of waves. It reduces noise and never changes
 * access.
 *
 * In doubt, the partner is notified. Names are compared by letters and digits only. Two names match where one contains
 * all words of the other.
 */
import type { Product } from "@tocsin/formats/advisory/product"
import { refuse } from "@tocsin/base/refusal"

/** Null: every product of the vendor. */
export interface Pattern {
    readonly vendor: string
    readonly product: string | null
}

export const patternsMax = 200
export const vendorLengthMax = 100
export const productLengthMax = 200

/** Tidies the patterns and drops duplicates. Refuses `delivery.bad_pattern`, `delivery.too_many_patterns`. */
export function normalisePatterns(patterns: readonly Pattern[]): Pattern[] {
    const distinct = new Map<string, Pattern>()
    for (const [n, item] of patterns.entries()) {
        const pattern = { vendor: tidy(item.vendor), product: item.product === null ? null : tidy(item.product) }
        const fault = patternFault(pattern)
        if (fault !== null)
            refuse("invalid", "delivery.bad_pattern", `pattern \`${n + 1}\`: ${fault}`, { value: n + 1, fault })
        const key = [pattern.vendor, pattern.product ?? ""].map((name) => wordsOf(name).join("")).join(" ")
        if (!distinct.has(key)) distinct.set(key, pattern)
    }
    if (!(distinct.size <= patternsMax)) {
        refuse("invalid", "delivery.too_many_patterns", `too many patterns: a filter has at most \`${patternsMax}\``, {
            max: patternsMax,
        })
    }
    return [...distinct.values()]
}

function patternFault({ vendor, product }: Pattern): string | null {
    return (
        nameFault("a vendor", vendor, vendorLengthMax) ??
        (product === null ? null : nameFault("a product", product, productLengthMax))
    )
}

/** Returns what is wrong with a name, without the name: logs of refusals must not contain parts of the filter. */
function nameFault(kind: string, name: string, max: number): string | null {
    if (!(name.length <= max)) return `${kind} has at most \`${max}\` characters`
    if (/[;\p{Cc}]/u.test(name)) return `${kind} must be one line without a semicolon`
    return wordsOf(name).length === 0 ? `${kind} needs a letter or a digit` : null
}

/** Returns a predicate: whether partners with these patterns want notices of a case with these products. */
export function matcherFor(
    products: readonly Pick<Product, "vendor" | "name">[],
): (patterns: readonly Pattern[]) => boolean {
    const productNames = products.map(({ vendor, name }) => ({ vendor: wordsOf(vendor), name: wordsOf(name) }))
    return (patterns) => {
        if (patterns.length === 0 || productNames.length === 0) return true
        return patterns.some((pattern) => {
            const vendor = wordsOf(pattern.vendor)
            const product = pattern.product === null ? null : wordsOf(pattern.product)
            return productNames.some(
                (item) => isSimilar(vendor, item.vendor) && (product === null || isSimilar(product, item.name)),
            )
        })
    }
}

const isSimilar = (a: readonly string[], b: readonly string[]): boolean => containsWords(a, b) || containsWords(b, a)

/** Whether every word of one name occurs in the other, with or without spaces. */
function containsWords(name: readonly string[], words: readonly string[]): boolean {
    const whole = name.join("")
    return words.every((word) => whole.includes(word))
}

/** Splits a name into words of letters and digits, in lower case and without accents. */
function wordsOf(name: string): string[] {
    const plain = name.normalize("NFKD").toLowerCase().replaceAll(/\p{M}/gu, "")
    return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}

const tidy = (name: string): string => name.trim().replaceAll(/ +/g, " ")

/** Parses patterns as people write them: one a line, `vendor` or `vendor; product`. */
export function parsePatterns(text: string): Pattern[] {
    const lines = text.split("\n").filter((line) => line.trim() !== "")
    return lines.map((line) => {
        const [vendor = "", ...rest] = line.split(";")
        return { vendor: vendor.trim(), product: rest.length === 0 ? null : rest.join(";").trim() }
    })
}

/** Formats a pattern as one line, which `parsePatterns` reads. */
export const formatPattern = ({ vendor, product }: Pattern): string =>
    product === null ? vendor : `${vendor}; ${product}`
