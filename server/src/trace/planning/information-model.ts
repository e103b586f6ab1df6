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

/** Describes the assumptions in sentences. */
export function assumptionsOf(model: LeakModel): string[] {
    const {
        repeatChance,
        independentChance,
        colluderChances,
        copyShare,
        polledShare,
        quotedChance,
        medianHours,
        windowHours,
    } = model
    const formatChance = (chance: number): string => `${Math.round(100 * chance)} times in 100`
    return [
        `The same source leaks this release ${formatChance(repeatChance)}. Another person finds the same before ` +
            `publication ${formatChance(independentChance)}.`,
        `Each document of the class is as likely to leak, and any share of its lasting slots is as likely to show. ` +
            "Numbers of colluders: " +
            `${colluderChances.map(({ colluders, chance }) => `${colluders}, ${formatChance(chance)}`).join("; ")}.`,
        `A leak by an insider or a compromise is a copy ${formatChance(copyShare)}, and else the master. ` +
            "Leaks of the finder's knowledge, and independent finds, read as no copy.",
        `A leak of a class polled without marks is of the polled text ${formatChance(polledShare)}. ` +
            `A canary is quoted ${formatChance(quotedChance)}.`,
        `Half of the leaks of a copy are seen within ${medianHours} hours. Independent finds are seen evenly ` +
            `over ${windowHours} hours. ` +
            "A source that knows of a staggered release waits, and then the release reveals nothing.",
        "Cross-case evidence divides the weight of partners among them. The weights of the " +
            "other hypotheses stay as members set them.",
        "These are assumptions, not measurements. They rank options, accuse no partner, and enter no e-value.",
    ]
}
