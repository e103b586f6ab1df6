/**
 * Bounds an error rate from above with 95 % confidence, one-sided, by Clopper and Pearson. Small samples give weak
 * bounds, and an empty sample gives none.
 */
/** The confidence of the bound. */
export const confidence = 0.95

/** Computes the highest share by which at most `touched` of `total` would still occur once in twenty times. */
export function upperBound(touched: number, total: number): number {
    if (touched >= total) return 1
    let [low, high] = [0, 1]
    for (let n = 0; n < 60; n++) {
        const middle = (low + high) / 2
        if (chanceOfAtMost(touched, total, middle) > 1 - confidence) low = middle
        else high = middle
    }
    return high
}

/** Computes a binomial tail in logarithms. */
function chanceOfAtMost(touched: number, total: number, share: number): number {
    let [log, sum] = [total * Math.log1p(-share), 0]
    for (let n = 0; n <= touched; n++) {
        sum += Math.exp(log)
        log += Math.log(total - n) - Math.log(n + 1) + Math.log(share) - Math.log1p(-share)
    }
    return sum
}
