/**
 * Weighs several leaks together: an e-value over all of them, against the hypothesis that a recipient took part in
 * none.
 *
 * Codewords of different versions are independent. So for an innocent recipient, the e-values of leaks of different
 * versions multiply (Vovk and Wang 2021), and may be checked after each leak (Ville). Leaks of one version are read
 * against one codeword, so their mean counts once. A leak of which a recipient is not a candidate counts as 1.
 */
/** The result for one leak. */
export interface LeakResult {
    /** The version that the leak comes from. Each recipient has one codeword for it. */
    readonly document: string
    /** The number of versions that the leak was compared with; this one was chosen among them. */
    readonly tests: number
    readonly log10e: ReadonlyMap<string, number>
}

/** The result over all leaks. */
export interface CombinedEvidence {
    /** log10 of the threshold. */
    readonly threshold: number
    /** All recipients that are a candidate of at least one leak, best first. */
    readonly ranking: readonly {
        readonly recipient: string
        readonly log10e: number
        /** The number of versions that contribute. */
        readonly documents: number
        readonly identified: boolean
    }[]
}

/** Weighs leaks together. The probability that any recipient innocent of all leaks is identified is at most `alpha`. */
export function combineEvidence(leaks: readonly LeakResult[], alpha: number): CombinedEvidence {
    const recipients = [...new Set(leaks.flatMap(({ log10e }) => [...log10e.keys()]))]
    const documents = [...Map.groupBy(leaks, ({ document }) => document).values()]
    const threshold = Math.log10(Math.max(1, recipients.length) / alpha)
    const ranking = recipients.map((recipient) => {
        const entries = documents.flatMap((weighing) => meanOf(weighing, recipient) ?? [])
        const log10e = entries.reduce((sum, value) => sum + value, 0)
        return { recipient, log10e, documents: entries.length, identified: log10e >= threshold }
    })
    ranking.sort((a, b) => b.log10e - a.log10e || (a.recipient < b.recipient ? -1 : 1))
    return { threshold, ranking }
}

/** Computes log10 of the mean e-value over the leaks of one version; null if the recipient is a candidate of none. */
function meanOf(leaks: readonly LeakResult[], recipient: string): number | null {
    if (!leaks.some(({ log10e }) => log10e.has(recipient))) return null
    const logs = leaks.map(({ log10e, tests }) => {
        const log = log10e.get(recipient)
        return log === undefined ? 0 : log - Math.log10(tests)
    })
    const top = Math.max(...logs)
    return top + Math.log10(logs.reduce((sum, log) => sum + 10 ** (log - top), 0) / logs.length)
}
