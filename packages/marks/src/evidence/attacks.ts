/**
 * Models what colluders may do with their copies. No model needs to be true.
 *
 * A model gives the probability that a slot shows a symbol that `t` of `c` copies have. The leak alone decides which
 * models fit. A wrong model therefore costs power and never the bound. Strategies: Huang and Moulin (2012), Laarhoven
 * (2014). `worst` minimises what one copy reveals about the leak (solved numerically for biases at the Gauss–Legendre
 * nodes).
 */

/** A number of colluders with a strategy and a share of noise. */
export interface ColluderModel {
    readonly colluders: number
    readonly strategy: Strategy
    /** The share of slots where the symbol read differs from the strategy's choice. */
    readonly noise: number
    /** ln of the weight before anything is read. */
    readonly prior: number
}

/** How colluders choose a form where their copies differ. */
export type Strategy = "interleave" | "one" | "zero" | "majority" | "minority" | "coin" | "worst4" | "worst8"

/** The symbol read at a slot, as far as models need it: one of two, or any of `q`. */
export type SymbolKind = { readonly q: 2; readonly symbol: 0 | 1 } | { readonly q: number; readonly symbol: null }

/** The largest number of colluders that a model assumes. */
export const colludersMax = 8
const strategies: readonly Strategy[] = [
    "interleave",
    "one",
    "zero",
    "majority",
    "minority",
    "coin",
    "worst4",
    "worst8",
]
const noises: readonly number[] = [0, 0.02, 0.1]
/**
 * The prior share of choosing at random. It needs no comparison of copies, so it is the most likely strategy. Each
 * further colluder halves the prior.
 */
const interleaveShare = 0.75

/** All models, with priors that add up to less than 1. */
export const models: readonly ColluderModel[] = Array.from({ length: colludersMax }, (_, i) => i + 1).flatMap(
    (colluders) => {
        const entries = colluders === 1 ? strategies.slice(0, 1) : strategies
        return entries.flatMap((strategy) => {
            const share =
                colluders === 1
                    ? 1
                    : strategy === "interleave"
                      ? interleaveShare
                      : (1 - interleaveShare) / (strategies.length - 1)
            const prior = Math.log(share / noises.length) - colluders * Math.LN2
            return noises.map((noise) => ({ colluders, strategy, noise, prior }))
        })
    },
)

/** The probability of symbol 1 if t of c copies have it, for t from 1 to (c − 1) / 2. The other half mirrors it. */
const worst: Readonly<Record<"worst4" | "worst8", readonly (readonly number[])[]>> = {
    worst4: [[], [], [], [1], [0.865], [1, 0], [1, 0], [0.825, 0.265, 0], [0.877, 0, 0.502]],
    worst8: [[], [], [], [0.618], [0.463], [0.545, 0], [0.561, 0], [0.652, 0, 0], [0.728, 0, 0]],
}

const tables = new Map<string, readonly Float64Array[]>()

/**
 * Lists, by model, the probability that the symbol is read if `t` of the colluders' copies have it. Results are kept.
 */
export function tablesOf(kind: SymbolKind): readonly Float64Array[] {
    const name = `${kind.q} ${kind.symbol}`
    const known = tables.get(name)
    if (known !== undefined) return known
    const table = models.map((model) => chancesShown(model, kind))
    tables.set(name, table)
    return table
}

/**
 * Computes the probability that the symbol is read if `t` of the colluders' copies have it, for t from 0 to their
 * number.
 */
export function chancesShown({ colluders: c, strategy, noise }: ColluderModel, kind: SymbolKind): Float64Array {
    const plain = kind.symbol === null ? chancesOfMany(strategy, c, kind.q) : chancesOfTwo(strategy, c, kind.symbol)
    const chance = kind.symbol === null ? 1 / kind.q : null
    return plain.map((p) => (chance === null ? p * (1 - noise) + (1 - p) * noise : p * (1 - noise) + chance * noise))
}

function chancesOfTwo(strategy: Strategy, c: number, symbol: 0 | 1): Float64Array {
    const ones = Float64Array.from({ length: c + 1 }, (_, t) =>
        t === 0 ? 0 : t === c ? 1 : chanceOfOne(strategy, t, c),
    )
    return symbol === 1 ? ones : ones.map((_, t) => 1 - (ones[c - t] ?? 0))
}

function chanceOfOne(strategy: Strategy, t: number, c: number): number {
    switch (strategy) {
        case "interleave":
            return t / c
        case "one":
            return 1
        case "zero":
            return 0
        case "coin":
            return 0.5
        case "majority":
            return t * 2 === c ? 0.5 : Number(t * 2 > c)
        case "minority":
            return t * 2 === c ? 0.5 : Number(t * 2 < c)
        default: {
            const half = worst[strategy][c] ?? []
            return t * 2 === c ? 0.5 : t * 2 < c ? (half[t - 1] ?? 0.5) : 1 - (half[c - t - 1] ?? 0.5)
        }
    }
}

/** Treats many symbols alike. Only four of the strategies differ then. */
function chancesOfMany(strategy: Strategy, c: number, q: number): Float64Array {
    if (strategy !== "majority" && strategy !== "minority" && strategy !== "coin" && strategy !== "one") {
        return Float64Array.from({ length: c + 1 }, (_, t) => t / c)
    }
    return Float64Array.from({ length: c + 1 }, (_, t) => (t === 0 ? 0 : chanceChosen(strategy, t, c - t, q - 1)))
}

/**
 * Computes the probability that a symbol which `t` copies have is chosen. The `others` copies share `symbols` other
 * symbols by chance.
 */
function chanceChosen(
    strategy: "majority" | "minority" | "coin" | "one",
    t: number,
    others: number,
    symbols: number,
): number {
    let sum = 0
    for (const parts of partitions(others, others)) {
        if (parts.length > symbols) continue
        const rivals = strategy === "majority" ? parts.filter((n) => n >= t) : parts.filter((n) => n <= t)
        const isAny = strategy === "coin" || strategy === "one"
        const isOut = !isAny && rivals.some((n) => n !== t)
        if (!isOut) sum += likelihood(parts, others, symbols) / (1 + (isAny ? parts.length : rivals.length))
    }
    return sum
}

/** Lists the ways to write n as a sum, largest term first. */
function partitions(n: number, most: number): number[][] {
    if (n === 0) return [[]]
    const list: number[][] = []
    for (let first = Math.min(n, most); first >= 1; first--) {
        for (const rest of partitions(n - first, first)) list.push([first, ...rest])
    }
    return list
}

/** Computes the probability that n even draws of `symbols` form groups of these sizes. */
function likelihood(parts: readonly number[], n: number, symbols: number): number {
    let p = factorial(n) / symbols ** n
    for (const size of parts) p /= factorial(size)
    for (let i = 0; i < parts.length; i++) p *= symbols - i
    for (const size of new Set(parts)) p /= factorial(parts.filter((part) => part === size).length)
    return p
}

const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40320]

/** Computes n! for n from 0 to 8. */
function factorial(n: number): number {
    return factorials[n] ?? NaN
}

/** Computes the binomial probability of k among n, each with probability p. */
export function binomial(n: number, k: number, p: number): number {
    return (factorial(n) / (factorial(k) * factorial(n - k))) * p ** k * (1 - p) ** (n - k)
}
