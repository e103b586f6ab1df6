/**
 * The ledger: one running e-value of each recipient over all leaks that there ever were, in the order in which they were
 * weighed. It may be looked at after each, for ever: an innocent reaches `places`/α at any time with probability α/`places`
 * at most, and so anybody innocent is ever named with probability α at most.
 *
 * A version's words are drawn apart from all others, so given everything before, the first leak of a version has an
 * e-value of expectation 1 for whoever did not leak it, however it was decided what to hand out to whom: such factors
 * multiply (Ville). Leaks of one version are read against one word. Their mean is an e-value at one look and not at every
 * look, so here each has a share of its own that no later one takes away: 1/2, 1/6, 1/12 and on, 1 together. What they sum up to
 * only grows, and so is never more than a sum with expectation 1. The same reading of a version again adds nothing.
 *
 * The bar does not follow the number of suspects: one that rises as they come has let the earlier ones pass too cheaply.
 */
import type { Weighed } from "./cross-case.ts"

export interface Leak extends Weighed {
    readonly id: string
    /** What was read, slot by slot: by it a leak is known that came twice. */
    readonly read: string
}

export interface Bound {
    readonly alpha: number
    /** As many recipients may ever be suspects. Beyond them nobody is named. */
    readonly places: number
}

export interface Ledger {
    /** log10 of the e-value from which on somebody is named. */
    readonly bar: number
    /** More are suspects than have a place. */
    readonly isFull: boolean
    /** In the order in which they count; 0 of a reading that came before. */
    readonly leaks: readonly { readonly id: string; readonly document: string; readonly share: number }[]
    /** Everybody who was a suspect of any, best first. */
    readonly ranking: readonly {
        readonly recipient: string
        readonly log10e: number
        /** How many versions it rests on. */
        readonly documents: number
        readonly identified: boolean
    }[]
}

interface Counted extends Leak {
    readonly share: number
}

/** `leaks` in the order in which each was first weighed, which nothing that comes later may change. */
export function ledgerOf(leaks: readonly Leak[], { alpha, places }: Bound): Ledger {
    const counted = [...Map.groupBy(leaks, ({ document }) => document).values()].map(shared)
    const recipients = [...new Set(leaks.flatMap(({ log10e }) => [...log10e.keys()]))]
    const bar = Math.log10(places / alpha)
    const isFull = recipients.length > places
    const ranking = recipients.map((recipient) => {
        const entries = counted.filter((counted) => counted.some(({ log10e }) => log10e.has(recipient)))
        const log10e = entries.reduce((sum, counted) => sum + logOfSum(counted, recipient), 0)
        return { recipient, log10e, documents: entries.length, identified: log10e >= bar && !isFull }
    })
    ranking.sort((a, b) => b.log10e - a.log10e || (a.recipient < b.recipient ? -1 : 1))
    const shares = new Map(counted.flat().map(({ id, share }) => [id, share]))
    return {
        bar,
        isFull,
        leaks: leaks.map(({ id, document }) => ({ id, document, share: shares.get(id) ?? 0 })),
        ranking,
    }
}

/** Of one version: each new reading with its share. */
function shared(leaks: readonly Leak[]): Counted[] {
    const fresh = leaks.filter(({ read }, i) => leaks.findIndex((leak) => leak.read === read) === i)
    return fresh.map((leak, i) => ({ ...leak, share: 1 / ((i + 1) * (i + 2)) }))
}

/** log10 of the shares times the e-values; 1 of a leak that he is no suspect of. */
function logOfSum(leaks: readonly Counted[], recipient: string): number {
    const logs = leaks.map(({ log10e, tests, share }) => {
        const item = log10e.get(recipient)
        return Math.log10(share) + (item === undefined ? 0 : item - Math.log10(tests))
    })
    const top = Math.max(...logs)
    return top + Math.log10(logs.reduce((sum, log) => sum + 10 ** (log - top), 0))
}
