/** The coin of one slot. `upTo[s]`: its byte is below that where the symbol is `s` or an earlier one; the last is 256. */
export type Coin = readonly number[]

/** The chance of a symbol by its coin. */
export function chanceOf(coin: Coin, symbol: number): number {
    return ((coin[symbol] ?? 0) - (coin[symbol - 1] ?? 0)) / 256
}
