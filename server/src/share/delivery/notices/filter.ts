/**
 * A notice filter: of which products a partner wants to hear when a wave falls. It narrows noise and nothing else; what the
 * partner may have is no matter of it.
 *
 * In doubt it is told. Names are written in many ways, so that letters and digits alone are compared, and one name that
 * holds all words of the other is as good as the same.
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

/** What is kept of what was given: each pattern once, however it is written. Refuses `delivery.bad_pattern`. */
export function keptPatterns(given: readonly Pattern[]): Pattern[] {
    const kept = new Map<string, Pattern>()
    for (const [n, item] of given.entries()) {
        const pattern = { vendor: tidy(item.vendor), product: item.product === null ? null : tidy(item.product) }
        const fault = patternFault(pattern)
        if (fault !== null) refuse("invalid", "delivery.bad_pattern", `pattern \`${n + 1}\`: ${fault}`)
        const key = [pattern.vendor, pattern.product ?? ""].map((name) => wordsOf(name).join("")).join(" ")
        if (!kept.has(key)) kept.set(key, pattern)
    }
    if (!(kept.size <= patternsMax)) {
        refuse("invalid", "delivery.too_many_patterns", `a filter has \`${patternsMax}\` patterns at most`)
    }
    return [...kept.values()]
}

function patternFault({ vendor, product }: Pattern): string | null {
    return (
        nameFault("a vendor", vendor, vendorLengthMax) ??
        (product === null ? null : nameFault("a product", product, productLengthMax))
    )
}

/** Says nothing of the name itself: a refusal may be written down where the filter is not to be. */
function nameFault(kind: string, name: string, max: number): string | null {
    if (!(name.length <= max)) return `${kind} has ${max} characters at most`
    if (/[;\p{Cc}]/u.test(name)) return `${kind} is on one line, without a semicolon`
    return wordsOf(name).length === 0 ? `${kind} has a letter or a digit` : null
}

/** Whether a wave of a case with these products is told to whom has such patterns. */
export function wantedOf(
    products: readonly Pick<Product, "vendor" | "name">[],
): (patterns: readonly Pattern[]) => boolean {
    const named = products.map(({ vendor, name }) => ({ vendor: wordsOf(vendor), name: wordsOf(name) }))
    return (patterns) => {
        if (patterns.length === 0 || named.length === 0) return true
        return patterns.some((pattern) => {
            const vendor = wordsOf(pattern.vendor)
            const product = pattern.product === null ? null : wordsOf(pattern.product)
            return named.some(
                (item) => isAlike(vendor, item.vendor) && (product === null || isAlike(product, item.name)),
            )
        })
    }
}

const isAlike = (a: readonly string[], b: readonly string[]): boolean => holds(a, b) || holds(b, a)

/** Every word of the one stands somewhere in the other, with spaces or without. */
function holds(name: readonly string[], words: readonly string[]): boolean {
    const whole = name.join("")
    return words.every((word) => whole.includes(word))
}

/** Letters and digits, small and without accents, as far as nothing else stands between them. */
function wordsOf(name: string): string[] {
    const plain = name.normalize("NFKD").toLowerCase().replaceAll(/\p{M}/gu, "")
    return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}

const tidy = (name: string): string => name.trim().replaceAll(/ +/g, " ")

/** As a person writes it: one a line, `vendor` or `vendor; product`. */
export function patternsIn(text: string): Pattern[] {
    const lines = text.split("\n").filter((line) => line.trim() !== "")
    return lines.map((line) => {
        const [vendor = "", ...rest] = line.split(";")
        return { vendor: vendor.trim(), product: rest.length === 0 ? null : rest.join(";").trim() }
    })
}

export const lineOf = ({ vendor, product }: Pattern): string => (product === null ? vendor : `${vendor}; ${product}`)
