/** Assumptions of planning about the next leak. They are not measured and enter no e-value; they only rank options. */

export interface Model {
    /** The chance that the same source leaks this release too. */
    readonly again: number
    /** The chance that another person finds the same, and that this is seen before publication. */
    readonly elsewhere: number
    /** The chances of numbers of colluders. */
    readonly together: readonly { readonly colluders: number; readonly chance: number }[]
    /** Of leaks by an insider or a compromise, the part that is a copy; the rest is the master. */
    readonly copies: number
    /** Of leaks of a class polled without marks, the part that was polled. */
    readonly polled: number
    /** The chance that a leak of a copy quotes its canary. */
    readonly quoted: number
    /** Half of the leaks of a copy are seen within this time after its first fetch. */
    readonly medianHours: number
    /** Leaks from elsewhere or from earlier insiders are seen evenly over this time. */
    readonly windowHours: number
    /** The error at which a copy must be identified. */
    readonly alpha: number
}

/** Builds the model for `together` colluders at most. */
export function modelFor(together: number): Model {
    const alone = { colluders: 1, chance: together > 1 ? 0.5 : 1 }
    return {
        again: 0.5,
        elsewhere: 0.05,
        copies: 0.5,
        polled: 0.5,
        quoted: 0.3,
        together: together > 1 ? [alone, { colluders: together, chance: 0.5 }] : [alone],
        medianHours: 5 * 24,
        windowHours: 180 * 24,
        alpha: 1e-6,
    }
}

/** Describes the assumptions in sentences. */
export function assumptionsOf(model: Model): string[] {
    const { again, elsewhere, together, copies, polled, quoted, medianHours, windowHours } = model
    const report = (chance: number): string => `${Math.round(100 * chance)} times in 100`
    return [
        `The same source leaks this release ${report(again)}. Another person finds the same before ` +
            `publication ${report(elsewhere)}.`,
        `Each document of the class is as likely to leak, and any share of its lasting slots is as likely to show. ` +
            "Numbers of colluders: " +
            `${together.map(({ colluders, chance }) => `${colluders}, ${report(chance)}`).join("; ")}.`,
        `A leak by an insider or a compromise is a copy ${report(copies)}, and else the master. ` +
            "The finder's knowledge, and what others find, reads as no copy.",
        `A leak of a class polled without marks is of the polled text ${report(polled)}. A canary is quoted ` +
            `${report(quoted)}.`,
        `Half of the leaks of a copy are seen within ${medianHours} hours. What others find is seen evenly ` +
            `over ${windowHours} hours. ` +
            "A source that knows of a staggered release waits, and then the release reveals nothing.",
        "Cross-case evidence divides the weight of partners among them. The weights of the " +
            "other hypotheses stay as members set them.",
        "These are assumptions, not measurements. They rank options, accuse no partner, and enter no e-value.",
    ]
}
