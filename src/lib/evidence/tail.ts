/**
 * How likely an innocent scores this high: sums of independent two-point variables, whose tails are known exactly.
 *
 * For whoever did not leak, each slot fits by the coin's own chance, whatever was done to the leak. So the score's
 * cumulant function K is known, exp(tS − K(t)) has expectation 1 for every t, and with a t that was chosen without
 * looking at the suspect it is an e-value: by Markov it reaches 1/ε with probability ε at most (Chernoff's bound).
 * Lugannani and Rice's approximation is nearer to the truth and no bound; it ranks.
 */

/** Slots that are alike: so many, each fitting with this chance, and what either is worth. */
export interface Cell {
    readonly count: number
    readonly chance: number
    readonly fit: number
    readonly other: number
}

/** K and its first two derivatives. */
function cumulants(cells: readonly Cell[], t: number): readonly [k: number, first: number, second: number] {
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
