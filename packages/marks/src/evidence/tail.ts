/**
 * How likely an innocent scores this high: sums of independent two-point variables, whose tails are known exactly.
 *
 * For whoever did not leak, each slot fits by the coin's own chance, whatever was done to the leak. So the score's
 * cumulant function K is known, exp(tS − K(t)) has expectation 1 for every t, and with a t that was chosen without
 * looking at the suspect it is an e-value: by Markov it reaches 1/ε with probability ε at most (Chernoff's bound).
 * That is ten times too careful or more. Since scores are whole steps, the tail itself can be added up, slot by slot, and
 * accuses. Lugannani and Rice's approximation is nearly as near, no bound, and quick; it ranks.
 */

/** Slots that are alike: so many, each fitting with this chance, and what either is worth. */
export interface Cell {
    readonly count: number
    readonly chance: number
    readonly fit: number
    readonly other: number
}

/** What a slot is worth is a whole number of these, so that sums are exact and tails can be added up. */
export const step = 2 ** -6

/** K and its first two derivatives. */
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

/** K(t) = ln E exp(tS). */
export function cumulant(cells: readonly Cell[], t: number): number {
    return cumulants(cells, t)[0]
}

const tiltMax = 512

/**
 * The tilt at which Chernoff's bound is exp(−goal): the best for a bar that high. Null where no score is so unlikely,
 * and nobody can be named.
 */
export function tiltFor(cells: readonly Cell[], goal: number): number | null {
    const reach = (t: number) => {
        const [k, first] = cumulants(cells, t)
        return t * first - k
    }
    if (!(reach(tiltMax) > goal)) return null
    // The derivative of t·K′(t) − K(t) is t·K″(t).
    return solved((t) => {
        const [k, first, second] = cumulants(cells, t)
        return [t * first - k - goal, t * second]
    })
}

/** Where a function that rises from below 0 at 0 to above 0 at `tiltMax` is 0, by Newton's steps between bounds. */
function solved(at: (t: number) => readonly [value: number, slope: number]): number {
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

/** A score, and ln of the chance that an innocent has it or more. */
export interface Rare {
    readonly score: number
    readonly log: number
}

/** ln of the chance of the highest score there is. */
export function logRarest(cells: readonly Cell[]): number {
    return cells.reduce((sum, { count, chance, fit, other }) => {
        return sum + count * (fit === other ? 0 : Math.log(fit > other ? chance : 1 - chance))
    }, 0)
}

/** Tilted chances below this are lost: so little that no digit of a tail depends on it. */
const leastKept = 1e-20

/**
 * The lowest score that an innocent reaches with a chance of exp(−goal) at most, and that chance, which is exact but for
 * rounding. `logRarest` must allow it. Time and memory grow with the slots and with how far the score spreads.
 */
export function rareScore(cells: readonly Cell[], goal: number): Rare {
    // Around where Chernoff's bound is as low: what is tilted that way lies there, and what does not can be left out.
    const tilt = tiltFor(cells, goal) ?? tiltMax
    const k = cumulant(cells, tilt)
    const { start, chances } = spread(cells, tilt)
    let [sum, at] = [0, chances.length]
    const logOf = (i: number, value: number) => Math.log(value) + k - tilt * step * (start + i)
    while (at > 0) {
        // What lies above, seen from one step lower.
        const next = sum * Math.exp(-tilt * step) + (chances[at - 1] ?? 0)
        if (next > 0 && logOf(at - 1, next) > -goal) break
        sum = next
        at--
    }
    return { score: step * (start + at), log: sum > 0 ? logOf(at, sum) : -Infinity }
}

/** How likely each sum is, in steps from `start`, when every slot is tilted: exp(t · worth) as likely, and scaled. */
function spread(cells: readonly Cell[], tilt: number): { start: number; chances: Float64Array } {
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
            if (size + by > chances.length) chances = enlarged(chances, size + by)
            added(chances, size, by, high)
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

function enlarged(chances: Float64Array, size: number): Float64Array<ArrayBuffer> {
    const larger = new Float64Array(2 * size)
    larger.set(chances)
    return larger
}

/** One slot more, in place: with the chance `high` its sum is `by` steps higher. */
function added(chances: Float64Array, size: number, by: number, high: number): void {
    chances.fill(0, size, size + by)
    for (let x = size + by - 1; x >= by; x--)
        chances[x] = (1 - high) * (chances[x] ?? 0) + high * (chances[x - by] ?? 0)
    for (let x = by - 1; x >= 0; x--) chances[x] = (1 - high) * (chances[x] ?? 0)
}

/** ln of a sum of which the logarithms of the terms are known. */
export function logSum(terms: readonly number[]): number {
    const top = Math.max(...terms)
    if (top === -Infinity) return -Infinity
    return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0))
}

/** ln of the chance that an innocent's score is `score` or more, by Lugannani and Rice, and never above Chernoff's bound. */
export function logTail(cells: readonly Cell[], score: number): number {
    const [, mean] = cumulants(cells, 0)
    if (!(score > mean)) return 0
    const t = tiltOf(cells, score)
    const [k, , second] = cumulants(cells, t)
    const bound = Math.min(0, k - t * score)
    const [w, u] = [Math.sqrt(Math.max(0, -2 * bound)), t * Math.sqrt(second)]
    if (!(w > 1e-3 && u > 1e-6)) return bound
    // φ(w)·(M(w) + 1/u − 1/w) with Mills' ratio M, so that nothing underflows.
    const ratio = mills(w) + 1 / u - 1 / w
    const near = ratio > 0 ? bound - Math.log(2 * Math.PI) / 2 + Math.log(ratio) : bound
    return Math.min(bound, near)
}

function tiltOf(cells: readonly Cell[], score: number): number {
    if (!(cumulants(cells, tiltMax)[1] > score)) return tiltMax
    return solved((t) => {
        const [, first, second] = cumulants(cells, t)
        return [first - score, second]
    })
}

/** (1 − Φ(w)) / φ(w): a series for small w, else a continued fraction (Abramowitz and Stegun, 26.2.11 and 26.2.14). */
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
