/** Chance with a seed (mulberry32), so that a figure can be had again. */
export interface Dice {
    /** From 0 up to, not including, 1. */
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
