/**
 * Several leaks weighed together: an e-value of all of them, for whoever took part in none.
 *
 * Words of different versions are drawn apart, so for an innocent the e-values of leaks of different versions multiply
 * (Vovk and Wang 2021), and may be looked at after each (Ville). Leaks of one version are read against one word: there their
 * mean counts, once. A leak that somebody's copy is no suspect of says nothing of him, and counts as 1.
 */
export interface Weighed {
    /** The version that the leak is from: what has one word for each recipient. */
    readonly document: string
    /** How many versions it was held against; this one was chosen among them. */
    readonly tests: number
    readonly log10e: ReadonlyMap<string, number>
}

export interface Across {
    /** log10 of the e-value from which on somebody is named. */
    readonly bar: number
    /** Everybody who is a suspect of any, best first. */
    readonly ranking: readonly {
        readonly recipient: string
        readonly log10e: number
        /** How many versions it rests on. */
        readonly documents: number
        readonly identified: boolean
    }[]
}

/** `alpha`: anybody innocent of all the leaks is named with this probability at most. */
export function across(leaks: readonly Weighed[], alpha: number): Across {
    const recipients = [...new Set(leaks.flatMap(({ log10e }) => [...log10e.keys()]))]
    const documents = [...Map.groupBy(leaks, ({ document }) => document).values()]
    const bar = Math.log10(Math.max(1, recipients.length) / alpha)
    const ranking = recipients.map((recipient) => {
        const entries = documents.flatMap((weighing) => meanOf(weighing, recipient) ?? [])
        const log10e = entries.reduce((sum, value) => sum + value, 0)
        return { recipient, log10e, documents: entries.length, identified: log10e >= bar }
    })
    ranking.sort((a, b) => b.log10e - a.log10e || (a.recipient < b.recipient ? -1 : 1))
    return { bar, ranking }
}

/** log10 of the mean e-value over the leaks of one version; null where he is a suspect of none. */
function meanOf(leaks: readonly Weighed[], recipient: string): number | null {
    if (!leaks.some(({ log10e }) => log10e.has(recipient))) return null
    const logs = leaks.map(({ log10e, tests }) => {
        const item = log10e.get(recipient)
        return item === undefined ? 0 : item - Math.log10(tests)
    })
    const top = Math.max(...logs)
    return top + Math.log10(logs.reduce((sum, log) => sum + 10 ** (log - top), 0) / logs.length)
}
