/**
 * Computes the probability that an innocent recipient scores this high. Scores are sums of independent two-point
 * variables, so their tails are known exactly.
 *
 * For a recipient that did not leak, each slot fits with the coin's probability, whatever was done to the leak. So the
 * score's cumulant function K is known, and exp(tS − K(t)) has expectation 1 for every t. If t is chosen without the
 * candidate's codeword, this is an e-value: by Markov it reaches 1/ε with probability ε at most (Chernoff's bound).
 * That bound is too careful by a factor of ten or more. Scores are whole steps, so the exact tail can be summed slot by
 * slot; it identifies copies. Lugannani and Rice's approximation is nearly as close and fast, but not a bound; it
 * ranks.
 */

/** A number of equal slots: the probability that each fits, and the values of fitting and of not fitting. */
export interface Cell {
    readonly count: number
    readonly chance: number
    readonly fit: number
    readonly other: number
}

/** The unit of slot values. Sums of whole units are exact, and their tails can be summed. */
export const step = 2 ** -6

/** Computes K and its first two derivatives at t. */
export function cumulants(cells: readonly Cell[], t: number): readonly [k: number, first: number, second: number] {
    let [k, first, second] = [0, 0, 0]
    for (const { count, chance, fit, other } of cells) {
        const [a, b] = [t * fit, t * other]
        const top = Math.max(a, b)
        const [x, y] = [chance * Math.exp(a - top), (1 - chance) * Math.exp(b - top)]
        const share = x / (x + y)
        k += count * (top + Math.log(x + y))
        first += count * (share * fit + (1 - share) * other)
        second += count * share * (1 - share) * (fit - other) ** 2
    }
    return [k, first, second]
}

/** Computes K(t) = ln E exp(tS). */
export function cumulant(cells: readonly Cell[], t: number): number {
    return cumulants(cells, t)[0]
}

const tiltMax = 512

/**
 * Finds the tilt at which Chernoff's bound is exp(−goal), which is optimal for that threshold. Null if no score is so
 * unlikely; then no copy can be identified.
 */
export function tiltFor(cells: readonly Cell[], goal: number): number | null {
    const reach = (t: number) => {
        const [k, first] = cumulants(cells, t)
        return t * first - k
    }
    if (!(reach(tiltMax) > goal)) return null
    // The derivative of t·K′(t) − K(t) is t·K″(t).
    return findZero((t) => {
        const [k, first, second] = cumulants(cells, t)
        return [t * first - k - goal, t * second]
    })
}

/** Finds the zero of a function that rises from below 0 at 0 to above 0 at `tiltMax`, by bounded Newton steps. */
function findZero(at: (t: number) => readonly [value: number, slope: number]): number {
    let [low, high, t] = [0, tiltMax, 1]
    for (let i = 0; i < 200; i++) {
        const [value, slope] = at(t)
        if (value > 0) high = t
        else low = t
        const step = t - value / slope
        const next = step > low && step < high ? step : (low + high) / 2
        if (Math.abs(next - t) <= 1e-15 * t) return next
        t = next
    }
    return t
}

/** A score, and ln of the probability that an innocent recipient reaches it. */
export interface RareScore {
    readonly score: number
    readonly log: number
}

/** Computes ln of the probability of the highest possible score. */
export function logRarest(cells: readonly Cell[]): number {
    return cells.reduce((sum, { count, chance, fit, other }) => {
        return sum + count * (fit === other ? 0 : Math.log(fit > other ? chance : 1 - chance))
    }, 0)
}

/** Tilted probabilities below this are dropped. They affect no digit of a tail. */
const leastKept = 1e-20

/**
 * Finds the lowest score that an innocent recipient reaches with probability exp(−goal) at most, and that probability,
 * exact but for rounding. Requires that `logRarest` is at most −goal. Time and memory grow with the number of slots and
 * the spread of the score.
 */
export function rareScore(cells: readonly Cell[], goal: number): RareScore {
    // Tilts the distribution to where Chernoff's bound is as low. Its mass is there, and the rest can be dropped.
    const tilt = tiltFor(cells, goal) ?? tiltMax
    const k = cumulant(cells, tilt)
    const { start, chances } = tiltedDistribution(cells, tilt)
    let [sum, at] = [0, chances.length]
    const logOf = (i: number, value: number) => Math.log(value) + k - tilt * step * (start + i)
    while (at > 0) {
        // The sum above, scaled to one step lower.
        const next = sum * Math.exp(-tilt * step) + (chances[at - 1] ?? 0)
        if (next > 0 && logOf(at - 1, next) > -goal) break
        sum = next
        at--
    }
    return { score: step * (start + at), log: sum > 0 ? logOf(at, sum) : -Infinity }
}

/**
 * Computes the distribution of the sum, in steps from `start`, with every slot tilted by exp(t · value) and rescaled.
 */
function tiltedDistribution(cells: readonly Cell[], tilt: number): { start: number; chances: Float64Array } {
    let chances = new Float64Array(1024)
    chances[0] = 1
    let [start, size] = [0, 1]
    for (const { count, chance, fit, other } of cells) {
        const by = Math.round(Math.abs(fit - other) / step)
        start += count * Math.round(Math.min(fit, other) / step)
        if (by === 0) continue
        const [up, down] = fit > other ? [chance, 1 - chance] : [1 - chance, chance]
        const high = up / (up + down * Math.exp(-tilt * by * step))
        for (let n = 0; n < count; n++) {
            if (size + by > chances.length) chances = enlarge(chances, size + by)
            addSlot(chances, size, by, high)
            size += by
            while ((chances[size - 1] ?? 0) < leastKept) size--
            let lost = 0
            while ((chances[lost] ?? 0) < leastKept) lost++
            chances.copyWithin(0, lost, size)
            size -= lost
            start += lost
        }
    }
    return { start, chances: chances.subarray(0, size) }
}

function enlarge(chances: Float64Array, size: number): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(2 * size)
    larger.set(chances)
    return larger
}

/** Adds one slot in place: with probability `high`, its sum is `by` steps higher. */
function addSlot(chances: Float64Array, size: number, by: number, high: number): void {
    chances.fill(0, size, size + by)
    for (let x = size + by - 1; x >= by; x--)
        chances[x] = (1 - high) * (chances[x] ?? 0) + high * (chances[x - by] ?? 0)
    for (let x = by - 1; x >= 0; x--) chances[x] = (1 - high) * (chances[x] ?? 0)
}

/** Computes ln of a sum from the logarithms of its terms. */
export function logSum(terms: readonly number[]): number {
    const top = Math.max(...terms)
    if (top === -Infinity) return -Infinity
    return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0))
}

/**
 * Approximates ln of the probability that an innocent recipient scores `score` or more, by Lugannani and Rice. Never
 * exceeds Chernoff's bound.
 */
export function logTail(cells: readonly Cell[], score: number): number {
    const [, mean] = cumulants(cells, 0)
    if (!(score > mean)) return 0
    const t = tiltOf(cells, score)
    const [k, , second] = cumulants(cells, t)
    const bound = Math.min(0, k - t * score)
    const [w, u] = [Math.sqrt(Math.max(0, -2 * bound)), t * Math.sqrt(second)]
    if (!(w > 1e-3 && u > 1e-6)) return bound
    // φ(w)·(M(w) + 1/u − 1/w) with Mills' ratio M avoids underflow.
    const ratio = mills(w) + 1 / u - 1 / w
    const near = ratio > 0 ? bound - Math.log(2 * Math.PI) / 2 + Math.log(ratio) : bound
    return Math.min(bound, near)
}

function tiltOf(cells: readonly Cell[], score: number): number {
    if (!(cumulants(cells, tiltMax)[1] > score)) return tiltMax
    return findZero((t) => {
        const [, first, second] = cumulants(cells, t)
        return [first - score, second]
    })
}

/**
 * Computes Mills' ratio (1 − Φ(w)) / φ(w): a series for small w, otherwise a continued fraction (Abramowitz and Stegun,
 * 26.2.11 and 26.2.14).
 */
function mills(w: number): number {
    if (w < 3) {
        let [term, sum] = [w, w]
        for (let i = 3; i < 120; i += 2) {
            term *= (w * w) / i
            sum += term
        }
        return Math.sqrt(Math.PI / 2) * Math.exp((w * w) / 2) - sum
    }
    let fraction = w
    for (let i = 60; i >= 1; i--) fraction = w + i / fraction
    return 1 / fraction
}
