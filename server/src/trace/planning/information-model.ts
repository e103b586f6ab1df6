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
        `Whoever did it does it again with this release ${report(again)}; somebody else finds the same before publication ${report(elsewhere)}.`,
        `A leak is of one of the class's documents, each as likely, and shows any share of its lasting slots alike. ` +
            `How many put their copies together: ${together.map(({ colluders, chance }) => `${colluders}, ${report(chance)}`).join("; ")}.`,
        `What an insider or a break-in lets out is somebody's copy ${report(copies)}, and else the master. ` +
            "What the finder knows, and what others find, reads as nobody's copy.",
        `A leak of a class that machines poll without marks is of what they polled ${report(polled)}. A canary is quoted ${report(quoted)}.`,
        `Of what a copy leads to, half is seen within ${medianHours} hours; what others find is seen in any of ${windowHours} alike. ` +
            "Whoever knows of a window waits, and then it tells nothing.",
        "Partners share what the explanation of a partner weighs, by the ledger; what evidence says " +
            "against the other explanations is left to their weights.",
        "It is assumed, and measured nowhere. It ranks what could be done, accuses nobody, and stands in no e-value.",
    ]
}
