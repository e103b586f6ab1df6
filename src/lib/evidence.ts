/**
 * Evidence: how much better what was read fits one recipient's copy than chance, as an e-value.
 *
 * The chance is our own coin. Given the leak, however it was made, an innocent's word is still uniform and independent
 * of it, so each factor below has expectation exactly 1 for him, and so has every product and every mixture of them. By
 * Markov he reaches n/α with probability α/n at most; none of n innocents does with probability 1 − α at least. No
 * model of the leaker is needed for that; the models (one copy with errors, two copies merged) only buy power.
 *
 * The model for two takes the second copy from those suspects who fit best, chosen and weighted without a look at the
 * word of the suspect in question: choosing with his help would break the bound.
 */
import type { Symbol, Word } from "./carriers/carrier.ts"

export type Verdict = "traced" | "undecided" | "unrelated"

export interface Ranked {
    readonly recipient: string
    /** log10 of the e-value: above 0 speaks for this recipient's copy, below 0 against it. Always finite. */
    readonly log10e: number
    readonly accused: boolean
}

/** Two accused whose copies merged explain the leak better than either alone. */
export interface Together {
    readonly recipients: readonly [string, string]
    /** log10 of the e-value against "one of the two has no part in it", for the weaker of the two. */
    readonly log10e: number
}

export interface Findings {
    /** `traced`: somebody is accused. `unrelated`: too little was read to call it this document. */
    readonly verdict: Verdict
    readonly slots: { readonly total: number; readonly read: number; readonly erased: number; readonly mixed: number }
    /** Of all innocents, anybody is accused with this probability at most. */
    readonly alpha: number
    readonly accused: readonly string[]
    /** All recipients, best first. */
    readonly ranking: readonly Ranked[]
    readonly together: readonly Together[]
}

/** Fewer slots than this were read by accident. */
export const readMin = 3

/** Shares of symbols that are not the suspect's, and how much of the stake is laid on each. Sums to 1. */
const models: readonly (readonly [share: number, stake: number])[] = [
    [0, 0.24],
    [0.01, 0.14],
    [0.03, 0.14],
    [0.07, 0.12],
    [0.15, 0.1],
    [0.3, 0.1],
    [0.5, 0.08],
    [0.67, 0.05],
    [0.8, 0.03],
]
const stakeAlone = 0.75
const companionsMax = 24
const togetherMax = 10

/** How many slots there are of each kind: a number of variants, and who of two fits. */
type Counts = ReadonlyMap<number, number>

interface Suspect {
    readonly recipient: string
    /** Whether the suspect's symbol is the one read, for each slot that was read. */
    readonly fits: Uint8Array
    readonly alone: number
}

/**
 * Weighs every recipient against the symbols read. `sizes` are the slots' numbers of variants.
 * A symbol that is null, mixed or out of range tells nothing. `alpha` lies strictly between 0 and 1.
 */
export function rank(
    symbols: readonly Symbol[],
    sizes: readonly number[],
    words: ReadonlyMap<string, Word>,
    alpha: number,
): Findings {
    if (!(alpha > 0 && alpha < 1)) throw new Error("alpha lies between 0 and 1")
    const read = sizes.flatMap((size, i) => (isRead(symbols[i], size) ? [i] : []))
    const q = read.map((i) => sizes[i] ?? 1)
    const suspects = [...words].map(([recipient, word]): Suspect => {
        const fits = Uint8Array.from(read, (i) => (word[i] === symbols[i] ? 1 : 0))
        return { recipient, fits, alone: alone(fits, q) }
    })
    const bar = Math.log(suspects.length / alpha)
    const inOrder = suspects.toSorted((a, b) => b.alone - a.alone || byName(a, b))
    const weighed = suspects
        .map((suspect) => ({ suspect, e: combined(suspect, inOrder, q) }))
        .toSorted((a, b) => b.e - a.e || byName(a.suspect, b.suspect))
    const named = weighed.filter(({ e }) => e >= bar)
    const mixed = symbols.filter((symbol) => symbol === "mixed").length
    const unrelated = read.length + mixed < Math.min(readMin, Math.max(1, sizes.length))
    return {
        verdict: named.length > 0 ? "traced" : unrelated ? "unrelated" : "undecided",
        slots: { total: sizes.length, read: read.length, erased: sizes.length - read.length - mixed, mixed },
        alpha,
        accused: named.map(({ suspect }) => suspect.recipient),
        ranking: weighed.map(({ suspect, e }) => ({
            recipient: suspect.recipient,
            log10e: log10(e),
            accused: e >= bar,
        })),
        together: together(named.map(({ suspect }) => suspect).slice(0, companionsMax), q),
    }
}

/** log10 of the e-value that a copy's owner gets when every slot of it is read and fits. */
export function log10Reach(sizes: readonly number[]): number {
    const fits = new Uint8Array(sizes.length).fill(1)
    return log10(Math.log(stakeAlone) + alone(fits, sizes))
}

function byName(a: Suspect, b: Suspect): number {
    return a.recipient < b.recipient ? -1 : 1
}

function isRead(symbol: Symbol | undefined, size: number): boolean {
    return typeof symbol === "number" && symbol >= 0 && symbol < size
}

/** ln of the e-value of one suspect as the only source. */
function alone(fits: Uint8Array, q: readonly number[]): number {
    return mixture(tally(fits, null, q), (share, size, fit) => (fit ? size * (1 - share) + share : share))
}

/** ln of the e-value with both models staked: the only source, or one of two with a companion among the others. */
function combined(suspect: Suspect, inOrder: readonly Suspect[], q: readonly number[]): number {
    const companions = inOrder.slice(0, companionsMax + 1).filter((other) => other !== suspect)
    const chosen = companions.slice(0, companionsMax)
    if (chosen.length === 0) return suspect.alone
    const trust = logSum(chosen.map((other) => other.alone))
    const terms = chosen.map((other) => {
        const weight = 0.5 / chosen.length + 0.5 * Math.exp(other.alone - trust)
        return Math.log(weight) + given(suspect, other, q)
    })
    return logSum([Math.log(stakeAlone) + suspect.alone, Math.log(1 - stakeAlone) + logSum(terms)])
}

/** ln of the e-value against "the suspect has no part in it", given the word of the other. */
function given(suspect: Suspect, other: Suspect, q: readonly number[]): number {
    const counts = tally(suspect.fits, other.fits, q)
    const without = mixture(
        counts,
        (share, size, _, otherFits) => ((1 - share) * ((otherFits ? size : 0) + 1)) / 2 + share,
    )
    return both(counts) - without
}

/** ln of the likelihood of two copies merged, a coin at each slot, against chance. */
function both(counts: Counts): number {
    return mixture(
        counts,
        (share, size, aFits, bFits) => (1 - share) * size * ((Number(aFits) + Number(bFits)) / 2) + share,
    )
}

function tally(a: Uint8Array, b: Uint8Array | null, q: readonly number[]): Counts {
    const counts = new Map<number, number>()
    for (let i = 0; i < q.length; i++) {
        const kind = (q[i] ?? 1) * 4 + (a[i] ?? 0) * 2 + (b?.[i] ?? 0)
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    return counts
}

function mixture(
    counts: Counts,
    factor: (share: number, size: number, aFits: boolean, bFits: boolean) => number,
): number {
    return logSum(
        models.map(([share, stake]) => {
            let sum = Math.log(stake)
            for (const [kind, count] of counts) {
                sum += count * Math.log(factor(share, kind >> 2, (kind & 2) !== 0, (kind & 1) !== 0))
            }
            return sum
        }),
    )
}

function together(named: readonly Suspect[], q: readonly number[]): Together[] {
    const pairs: Together[] = []
    for (const [i, a] of named.entries()) {
        for (const b of named.slice(i + 1)) {
            if (!(both(tally(a.fits, b.fits, q)) > Math.max(a.alone, b.alone))) continue
            const e = Math.min(given(a, b, q), given(b, a, q))
            if (e > 0) pairs.push({ recipients: [a.recipient, b.recipient], log10e: log10(e) })
        }
    }
    return pairs.toSorted((a, b) => b.log10e - a.log10e).slice(0, togetherMax)
}

function logSum(terms: readonly number[]): number {
    const top = Math.max(...terms)
    if (top === -Infinity) return -Infinity
    return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0))
}

function log10(ln: number): number {
    return ln / Math.LN10
}
