/** Assumptions of planning about the next leak. They are not measured and enter no e-value; they only rank options. */

export interface LeakModel {
    /** The chance that the same source leaks this release too. */
    readonly repeatChance: number
    /** The chance that another person finds the same, and that the find is observed before publication. */
    readonly independentChance: number
    /** The chances of numbers of colluders. */
    readonly colluderChances: readonly { readonly colluders: number; readonly chance: number }[]
    /** Of leaks by an insider or a compromise, the part that is a copy; the rest is the master. */
    readonly copyShare: number
    /** Of leaks of a class polled without marks, the part that was polled. */
    readonly polledShare: number
    /** The chance that a leak of a copy quotes its canary. */
    readonly quotedChance: number
    /** Half of the leaks of a copy are seen within this time after its first fetch. */
    readonly medianHours: number
    /** Leaks from elsewhere or from earlier insiders are seen evenly over this time. */
    readonly windowHours: number
    /** The error at which a copy must be identified. */
    readonly alpha: number
}

/** Builds the model for `colluders` colluders at most. */
export function modelFor(colluders: number): LeakModel {
    const single = { colluders: 1, chance: colluders > 1 ? 0.5 : 1 }
    return {
        repeatChance: 0.5,
        independentChance: 0.05,
        copyShare: 0.5,
        polledShare: 0.5,
        quotedChance: 0.3,
        colluderChances: colluders > 1 ? [single, { colluders, chance: 0.5 }] : [single],
        medianHours: 5 * 24,
        windowHours: 180 * 24,
        alpha: 1e-6,
    }
}

/** The assumptions, in the order in which they are read. */
export const planningAssumptions = [
    "repeat",
    "colluders",
    "insider",
    "polled",
    "delay",
    "cross_case_weights",
    "not_measured",
] as const
