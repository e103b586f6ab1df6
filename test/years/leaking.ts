/** What leaks, as it is read: of copies by whoever has one, alone or with others; and what no copy made. */
import type { Dice } from "../../bench/tracing/dice.ts"
import { type Strategy, choose } from "../../bench/tracing/leaks.ts"
import type { Symbol } from "@tocsin/marks/carriers/carrier"
import type { Coin } from "@tocsin/marks/code/coin"
import type { Colluders } from "@tocsin/marks/code"
import type { Marks } from "./program.ts"

/** What is done to a text before anybody reads it. */
export interface Treatment {
    /** How many slots of it can be read, at least and at most. */
    readonly read: readonly [least: number, most: number]
    /** The share of these that are read as another form than is there. */
    readonly noise: number
}

/** From the copies of `sources`, who follow a strategy where they differ. */
export function fromCopies(
    { book }: Pick<Marks, "book">,
    sources: readonly string[],
    { design, strategy, ...treatment }: Treatment & { readonly design: Colluders; readonly strategy: Strategy },
    by: Dice,
): Symbol[] {
    const words = sources.map((source) => book.wordOf(source))
    const input = new Uint8Array(words.length)
    const shown = book.coins.map((coin, i) => {
        words.forEach((word, j) => (input[j] = word[i] ?? 0))
        return choose({ colluders: words.length, strategy, design, q: coin.length }, input, by)
    })
    return treated(shown, book.coins, treatment, by)
}

/** Written by somebody who knows none of it: each with habits of his own, so that the first form is read as often as he likes it. */
export function fromElsewhere(coins: readonly Coin[], treatment: Treatment, by: Dice): Symbol[] {
    const habit = by.unit()
    const shown = coins.map((coin) => (by.unit() < habit ? 0 : by.below(coin.length)))
    return treated(shown, coins, treatment, by)
}

/** The text as its author wrote it, which polled machines have too. */
export function fromMaster(coins: readonly Coin[], treatment: Treatment, by: Dice): Symbol[] {
    return treated(
        coins.map(() => 0),
        coins,
        treatment,
        by,
    )
}

/** A run of slots, as an excerpt has them, and of these as many as can be read. */
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
