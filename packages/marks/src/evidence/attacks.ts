/**
 * What colluders may do with their copies: models, of which none needs to be true.
 *
 * A model says how likely a slot shows a symbol when `t` of `c` copies have it. Which models fit is learned from the
 * leak alone, so a wrong one costs power and never the bound. Strategies: Huang and Moulin (2012), Laarhoven (2014);
 * `worst` minimises what one copy tells about the leak (solved numerically for biases at the Gauss–Legendre nodes).
 */

export interface Model {
    readonly colluders: number
    readonly strategy: Strategy
    /** The share of slots where what is read is not what the strategy chose. */
    readonly noise: number
    /** ln of the weight before anything is read. */
    readonly prior: number
}

export type Strategy = "interleave" | "one" | "zero" | "majority" | "minority" | "coin" | "worst4" | "worst8"

/** What is read at a slot, as far as models go: which symbol of two, or one of `q`. */
export type Kind = { readonly q: 2; readonly symbol: 0 | 1 } | { readonly q: number; readonly symbol: null }

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
/** Each colluder more is half as likely; picking at random needs no look at what differs, and is what most would do. */
const merging = 0.75

export const models: readonly Model[] = Array.from({ length: colludersMax }, (_, i) => i + 1).flatMap((colluders) => {
    const entries = colluders === 1 ? strategies.slice(0, 1) : strategies
    return entries.flatMap((strategy) => {
        const share =
            colluders === 1 ? 1 : strategy === "interleave" ? merging : (1 - merging) / (strategies.length - 1)
        const prior = Math.log(share / noises.length) - colluders * Math.LN2
        return noises.map((noise) => ({ colluders, strategy, noise, prior }))
    })
})

/** P(symbol 1) when t of c have it, for t from 1 to (c − 1) / 2; the other half mirrors it. */
const worst: Readonly<Record<"worst4" | "worst8", readonly (readonly number[])[]>> = {
    worst4: [[], [], [], [1], [0.865], [1, 0], [1, 0], [0.825, 0.265, 0], [0.877, 0, 0.502]],
    worst8: [[], [], [], [0.618], [0.463], [0.545, 0], [0.561, 0], [0.652, 0, 0], [0.728, 0, 0]],
}

const tables = new Map<string, readonly Float64Array[]>()

/** By model: the chance that `kind`'s symbol is read when `t` of the colluders' copies have it. The same each time. */
export function tablesOf(kind: Kind): readonly Float64Array[] {
    const name = `${kind.q} ${kind.symbol}`
    const known = tables.get(name)
    if (known !== undefined) return known
    const made = models.map((model) => showing(model, kind))
    tables.set(name, made)
    return made
}

/** The chance that `kind`'s symbol is read when `t` of the colluders' copies have it, t from 0 to their number. */
export function showing({ colluders: c, strategy, noise }: Model, kind: Kind): Float64Array {
    const plain = kind.symbol === null ? ofMany(strategy, c, kind.q) : ofTwo(strategy, c, kind.symbol)
    const chance = kind.symbol === null ? 1 / kind.q : null
    return plain.map((p) => (chance === null ? p * (1 - noise) + (1 - p) * noise : p * (1 - noise) + chance * noise))
}

function ofTwo(strategy: Strategy, c: number, symbol: 0 | 1): Float64Array {
    const ones = Float64Array.from({ length: c + 1 }, (_, t) => (t === 0 ? 0 : t === c ? 1 : oneOf(strategy, t, c)))
    return symbol === 1 ? ones : ones.map((_, t) => 1 - (ones[c - t] ?? 0))
}

function oneOf(strategy: Strategy, t: number, c: number): number {
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

/** Of many symbols none is special, so what is left of the strategies are four. */
function ofMany(strategy: Strategy, c: number, q: number): Float64Array {
    if (strategy !== "majority" && strategy !== "minority" && strategy !== "coin" && strategy !== "one") {
        return Float64Array.from({ length: c + 1 }, (_, t) => t / c)
    }
    return Float64Array.from({ length: c + 1 }, (_, t) => (t === 0 ? 0 : chosen(strategy, t, c - t, q - 1)))
}

/** The chance that a symbol which `t` have is chosen, while `others` copies share `symbols` other ones by chance. */
function chosen(
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

/** The ways to write n as a sum, largest first. */
function partitions(n: number, most: number): number[][] {
    if (n === 0) return [[]]
    const list: number[][] = []
    for (let first = Math.min(n, most); first >= 1; first--) {
        for (const rest of partitions(n - first, first)) list.push([first, ...rest])
    }
    return list
}

/** How likely n even draws of `symbols` fall into groups of these sizes. */
function likelihood(parts: readonly number[], n: number, symbols: number): number {
    let p = factorial(n) / symbols ** n
    for (const size of parts) p /= factorial(size)
    for (let i = 0; i < parts.length; i++) p *= symbols - i
    for (const size of new Set(parts)) p /= factorial(parts.filter((part) => part === size).length)
    return p
}

const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40320]

/** Of 0 to 8. */
function factorial(n: number): number {
    return factorials[n] ?? NaN
}

/** The chance of k among n, each with chance p. */
export function binomial(n: number, k: number, p: number): number {
    return (factorial(n) / (factorial(k) * factorial(n - k))) * p ** k * (1 - p) ** (n - k)
}
