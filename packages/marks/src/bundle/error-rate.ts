/**
 * How often at most something comes about that came about so often among so many: an upper bound with 95 % confidence, one-sided, by
 * Clopper and Pearson. Few say little, and none says nothing.
 */
export const confidence = 0.95

/** The highest share by which so few of so many, or fewer, would still come about once in twenty times. */
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

/** Of a binomial distribution, in logarithms. */
function chanceOfAtMost(touched: number, total: number, share: number): number {
    let [log, sum] = [total * Math.log1p(-share), 0]
    for (let n = 0; n <= touched; n++) {
        sum += Math.exp(log)
        log += Math.log(total - n) - Math.log(n + 1) + Math.log(share) - Math.log1p(-share)
    }
    return sum
}
