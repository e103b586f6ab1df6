/** Seeded random numbers (mulberry32), so that figures are reproducible. */
export interface Dice {
    /** From 0 to 1, exclusive. */
    readonly unit: () => number
    /** A whole number below `size`. */
    readonly below: (size: number) => number
}

export function dice(seed: number): Dice {
    let state = seed | 0
    const unit = () => {
        state = (state + 0x6d2b79f5) | 0
        let t = Math.imul(state ^ (state >>> 15), 1 | state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    }
    return { unit, below: (size) => Math.floor(unit() * size) }
}

/** Returns whether this many or more would come less than once in a thousand runs, for `expected` (Poisson). */
export function isSurprising(count: number, expected: number): boolean {
    let [log, below] = [-expected, 0]
    for (let n = 0; n < count; n++) {
        below += Math.exp(log)
        log += Math.log(expected) - Math.log(n + 1)
    }
    return 1 - below < 1e-3
}
