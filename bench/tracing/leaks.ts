/**
 * Synthetic leaks, slot by slot: random coins and codewords, colluders with one strategy, then erasures and noise.
 *
 * The colluders are the first rows. The strategies are the usual ones for judging decoders; the eighth, `worst`,
 * reveals least about one copy for the given biases (Huang and Moulin).
 */
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import { type Colluders, biases } from "@tocsin/marks/code"
import type { Coin } from "@tocsin/marks/code/coin"
import type { Rows } from "@tocsin/marks/code/codewords"
import type { Dice } from "./dice.ts"

export const strategies = [
    "interleave",
    "one",
    "zero",
    "majority",
    "minority",
    "coin",
    "worst",
    "worst together",
] as const
export type Strategy = (typeof strategies)[number] | "erase what differs"

export interface Setting {
    readonly recipients: number
    readonly slots: number
    readonly colluders: number
    readonly strategy: Strategy
    readonly design: Colluders
    /** Variants of each slot. */
    readonly q?: number
    readonly erased?: number
    readonly noise?: number
}

export interface Leak {
    readonly coins: readonly Coin[]
    readonly symbols: readonly Symbol[]
    readonly rows: Rows
}

/** P(form 1) when t of c have it, for t from 1 to c / 2. */
const worst: Readonly<Record<Colluders, Readonly<Record<number, readonly number[]>>>> = {
    2: { 3: [1], 4: [0.75] },
    4: { 3: [1], 4: [0.865], 5: [1, 0] },
    8: { 3: [0.618], 4: [0.463], 5: [0.545, 0], 6: [0.561, 0], 7: [0.652, 0, 0], 8: [0.728, 0, 0] },
}
const worstTogether: typeof worst = {
    2: { 3: [0.5], 4: [0.5] },
    4: { 3: [0.314], 4: [0.237], 5: [0.208, 0.309] },
    8: {
        3: [0.332],
        4: [0.248],
        5: [0.197, 0.399],
        6: [0.163, 0.332],
        7: [0.139, 0.284, 0.426],
        8: [0.121, 0.249, 0.371],
    },
}

export function simulateLeak(setting: Setting, by: Dice): Leak {
    const { recipients, slots, q = 2, erased = 0, noise = 0 } = setting
    const groups = Math.ceil(slots / 32)
    const bits = new Uint32Array(recipients * groups)
    const coins: Coin[] = []
    const symbols: Symbol[] = []
    const symbolsAtSlot = new Uint8Array(recipients)
    for (let i = 0; i < slots; i++) {
        const coin = coinOf(setting, by)
        for (let j = 0; j < recipients; j++) symbolsAtSlot[j] = symbolOf(coin, by.below(256))
        coins.push(coin)
        const chosen = choose(setting, symbolsAtSlot, by)
        const read = by.unit() < noise ? (q === 2 ? 1 - (chosen ?? 0) : by.below(q)) : chosen
        const symbol = chosen === null || by.unit() < erased ? null : read
        symbols.push(symbol)
        if (symbol === null) continue
        for (let j = 0; j < recipients; j++) {
            const at = j * groups + (i >>> 5)
            if (symbolsAtSlot[j] === symbol) bits[at] = (bits[at] ?? 0) | (1 << (i & 31))
        }
    }
    return { coins, symbols, rows: { groups, bits } }
}

function coinOf({ q = 2, design }: Setting, by: Dice): Coin {
    const entries = biases[design]
    if (q === 2) return [entries[by.below(entries.length)] ?? 128, 256]
    return Array.from({ length: q }, (_, s) => Math.floor(((s + 1) * 256) / q))
}

function symbolOf(coin: Coin, byte: number): number {
    let symbol = 0
    while (byte >= (coin[symbol] ?? 256)) symbol++
    return symbol
}

/**
 * Returns the form that colluders show at a slot of `q` forms, from their symbols at the start of `symbolsAtSlot`;
 * null: nothing readable.
 */
export function choose(
    { colluders: c, strategy, design, q = 2 }: Pick<Setting, "colluders" | "strategy" | "design" | "q">,
    symbolsAtSlot: Uint8Array,
    by: Dice,
): number | null {
    const copies = symbolsAtSlot.subarray(0, c)
    const isAgreed = copies.every((symbol) => symbol === copies[0])
    if (isAgreed) return copies[0] ?? 0
    if (strategy === "erase what differs") return null
    if (strategy === "interleave") return copies[by.below(c)] ?? 0
    if (q > 2) return chooseOfMany(strategy, copies, by)
    const ones = copies.reduce((sum, symbol) => sum + symbol, 0)
    return by.unit() < chanceOfOne(strategy, ones, c, design) ? 1 : 0
}

function chanceOfOne(strategy: Strategy, ones: number, c: number, design: Colluders): number {
    if (strategy === "one") return 1
    if (strategy === "zero") return 0
    if (strategy === "coin" || ones * 2 === c) return 0.5
    if (strategy === "majority") return Number(ones * 2 > c)
    if (strategy === "minority") return Number(ones * 2 < c)
    const half = (strategy === "worst" ? worst : worstTogether)[design][c]
    if (half === undefined) return ones / c
    return ones * 2 < c ? (half[ones - 1] ?? 0.5) : 1 - (half[c - ones - 1] ?? 0.5)
}

/** The most common, the rarest, or any form that one of them has. */
function chooseOfMany(strategy: Strategy, copies: Uint8Array, by: Dice): number {
    const counts = new Map<number, number>()
    for (const symbol of copies) counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
    const sizes = [...counts.values()]
    const wanted = strategy === "majority" ? Math.max(...sizes) : strategy === "minority" ? Math.min(...sizes) : null
    const open = [...counts].filter(([, count]) => wanted === null || count === wanted).map(([symbol]) => symbol)
    return open[by.below(open.length)] ?? 0
}
