/** Leaks as they are read: copies of one recipient or several, and texts from no copy. */
import type { Dice } from "../../bench/tracing/dice.ts"
import { type Strategy, choose } from "../../bench/tracing/leaks.ts"
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import type { Coin } from "@tocsin/marks/code/coin"
import type { Colluders } from "@tocsin/marks/code"
import type { Marks } from "./program.ts"

/** Changes to a text before it is read. */
export interface Treatment {
    /** The minimum and maximum of readable slots. */
    readonly read: readonly [least: number, most: number]
    /** The share of these that are misread. */
    readonly noise: number
}

/** From the copies of `sources`, who follow a strategy where they differ. */
export function fromCopies(
    { book }: Pick<Marks, "book">,
    sources: readonly string[],
    { design, strategy, ...treatment }: Treatment & { readonly design: Colluders; readonly strategy: Strategy },
    by: Dice,
): Symbol[] {
    const words = sources.map((source) => book.codewordOf(source))
    const input = new Uint8Array(words.length)
    const shown = book.coins.map((coin, i) => {
        words.forEach((word, j) => (input[j] = word[i] ?? 0))
        return choose({ colluders: words.length, strategy, design, q: coin.length }, input, by)
    })
    return treated(shown, book.coins, treatment, by)
}

/** Independently written: each writer has habits, so the first form appears as often as the writer prefers it. */
export function fromElsewhere(coins: readonly Coin[], treatment: Treatment, by: Dice): Symbol[] {
    const habit = by.unit()
    const shown = coins.map((coin) => (by.unit() < habit ? 0 : by.below(coin.length)))
    return treated(shown, coins, treatment, by)
}

/** The author's unmarked text, which polling tools also have. */
export function fromMaster(coins: readonly Coin[], treatment: Treatment, by: Dice): Symbol[] {
    return treated(
        coins.map(() => 0),
        coins,
        treatment,
        by,
    )
}

/** A run of slots, like an excerpt, with as many readable ones as possible. */
function treated(
    shown: readonly Symbol[],
    coins: readonly Coin[],
    { read: [least, most], noise }: Treatment,
    by: Dice,
): Symbol[] {
    const count = Math.min(shown.length, least + by.below(most - least + 1))
    const length = Math.min(shown.length, Math.ceil(count * (1 + by.unit())))
    const first = by.below(shown.length - length + 1)
    const kept = new Set(
        Array.from({ length }, (_, i) => ({ at: first + i, order: by.unit() }))
            .toSorted((a, b) => a.order - b.order)
            .slice(0, count)
            .map(({ at }) => at),
    )
    return shown.map((symbol, i) => {
        if (symbol === null || !kept.has(i)) return null
        const size = coins[i]?.length ?? 2
        return typeof symbol === "number" && by.unit() < noise ? (symbol + 1 + by.below(size - 1)) % size : symbol
    })
}
