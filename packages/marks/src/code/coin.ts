/**
 * The coin of one slot, as upper limits: the symbol is `s` or an earlier one if the byte is below entry `s`. The last
 * entry is 256.
 */
export type Coin = readonly number[]

/** Computes the probability of a symbol. */
export function chanceOf(coin: Coin, symbol: number): number {
    return ((coin[symbol] ?? 0) - (coin[symbol - 1] ?? 0)) / 256
}
