/**
 * Keeps cross-case evidence: a running e-value of each recipient over all leaks, in the order in which they were
 * weighed.
 *
 * It may be checked after each leak, without end. An innocent recipient ever reaches `places`/α with probability
 * α/`places` at most. So any innocent recipient is ever identified with probability α at most.
 *
 * The codewords of a version are independent of all others. So given everything before, the first leak of a version has
 * an e-value of expectation 1 for a recipient that did not leak it. This holds however recipients were chosen, so such
 * factors multiply (Ville). Leaks of one version are read against one codeword. Their mean is an e-value at one time
 * and not at all times. So here each leak has a fixed share: 1/2, 1/6, 1/12 and so on, 1 together. Their sum only
 * grows, and never exceeds a sum with expectation 1. A repeated reading of a version adds nothing.
 *
 * The threshold does not depend on the number of candidates. A threshold that rises with them would have been too low
 * for the earlier ones.
 */
import type { LeakResult } from "./cross-case.ts"

/** A leak with its reading. */
export interface Leak extends LeakResult {
    readonly id: string
    /** The symbols read, slot by slot. They identify a leak that was submitted twice. */
    readonly read: string
}

/** The error and the number of recipients that it covers. */
export interface EvidenceBound {
    readonly alpha: number
    /** The largest number of candidates. Recipients beyond it are not identified. */
    readonly places: number
}

/** The running evidence over all leaks. */
export interface CrossCaseEvidence {
    /** log10 of the threshold. */
    readonly threshold: number
    /** Whether there are more candidates than places. */
    readonly isFull: boolean
    /** The leaks in the order in which they count; share 0 for a repeated reading. */
    readonly leaks: readonly { readonly id: string; readonly document: string; readonly share: number }[]
    /** All recipients that were a candidate of at least one leak, best first. */
    readonly ranking: readonly {
        readonly recipient: string
        readonly log10e: number
        /** The number of versions that contribute. */
        readonly documents: number
        readonly identified: boolean
    }[]
}

interface CountedLeak extends Leak {
    readonly share: number
}

/**
 * Computes the evidence over all leaks. `leaks` are in the order in which each was first weighed; later events must not
 * change it.
 */
export function crossCaseEvidenceOf(leaks: readonly Leak[], { alpha, places }: EvidenceBound): CrossCaseEvidence {
    const counted = [...Map.groupBy(leaks, ({ document }) => document).values()].map(withShares)
    const recipients = [...new Set(leaks.flatMap(({ log10e }) => [...log10e.keys()]))]
    const threshold = Math.log10(places / alpha)
    const isFull = recipients.length > places
    const ranking = recipients.map((recipient) => {
        const entries = counted.filter((counted) => counted.some(({ log10e }) => log10e.has(recipient)))
        const log10e = entries.reduce((sum, counted) => sum + logOfSum(counted, recipient), 0)
        return { recipient, log10e, documents: entries.length, identified: log10e >= threshold && !isFull }
    })
    ranking.sort((a, b) => b.log10e - a.log10e || (a.recipient < b.recipient ? -1 : 1))
    const shares = new Map(counted.flat().map(({ id, share }) => [id, share]))
    return {
        threshold,
        isFull,
        leaks: leaks.map(({ id, document }) => ({ id, document, share: shares.get(id) ?? 0 })),
        ranking,
    }
}

/** Gives each new reading of one version its share. */
function withShares(leaks: readonly Leak[]): CountedLeak[] {
    const fresh = leaks.filter(({ read }, i) => leaks.findIndex((leak) => leak.read === read) === i)
    return fresh.map((leak, i) => ({ ...leak, share: 1 / ((i + 1) * (i + 2)) }))
}

/**
 * Computes log10 of the sum of shares times e-values. A leak of which the recipient is not a candidate has the e-value
 * 1.
 */
function logOfSum(leaks: readonly CountedLeak[], recipient: string): number {
    const logs = leaks.map(({ log10e, tests, share }) => {
        const log = log10e.get(recipient)
        return Math.log10(share) + (log === undefined ? 0 : log - Math.log10(tests))
    })
    const top = Math.max(...logs)
    return top + Math.log10(logs.reduce((sum, log) => sum + 10 ** (log - top), 0))
}
