/** What planning assumes of the next leak. Nothing of it was measured, and none of it enters an e-value: it only ranks options. */

export interface Model {
    /** Whoever did it does it again with this release, with this chance. */
    readonly again: number
    /** Somebody else finds the same by himself, and it is seen before publication, with this chance. */
    readonly elsewhere: number
    /** How many put their copies together, with which chance. */
    readonly together: readonly { readonly colluders: number; readonly chance: number }[]
    /** Of what an insider or a break-in lets out, so much is somebody's copy; the rest is the master. */
    readonly copies: number
    /** Of leaks of a class that machines poll without marks, so much is of what they polled. */
    readonly polled: number
    /** A leak of a copy with a canary quotes it with this chance. */
    readonly quoted: number
    /** Half of what a copy leads to is first seen within so many hours of when it was first held. */
    readonly medianHours: number
    /** What is from elsewhere, or from whoever knew before, is seen in any of so many hours alike. */
    readonly windowHours: number
    /** The bound on false accusation that a copy has to be told by. */
    readonly alpha: number
}

/** `together`: as many are thought to put their copies together, at the most. */
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
        "Partners share what the explanation of a partner weighs, by the ledger; what evidence says against the other explanations is left to their weights.",
        "It is assumed, and measured nowhere. It ranks what could be done, accuses nobody, and stands in no e-value.",
    ]
}
