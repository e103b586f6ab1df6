/**
 * Keeps the error of everything that is tried on leaks of one case: excerpts, overlaps, other masters, other values of α.
 *
 * Each try shows how well every copy fits what was read. A person who files excerpts one after the other therefore learns
 * an innocent's codeword slot by slot, and can then file the excerpt that fits it. So no rule that only counts tries
 * holds. This one does, for any choice that earlier results guide:
 *
 * 1. A slot of a version counts once, as it was first read. A try is weighed by its fresh slots alone. Codewords are
 *    generated slot by slot by a secret coin, and no earlier result rests on a fresh slot. So given everything before,
 *    the e-value of a try has expectation 1 at most for an innocent recipient, whatever text was chosen and why.
 * 2. The e-values of the tries multiply, from any try on: two who leak parts of one version do not clear each other.
 *    With weights w that add up to 1, M(t) = Σ over k ≤ t of w(k) · E(k) · … · E(t), plus the w of later tries, is a
 *    nonnegative supermartingale that starts at 1. By Ville's inequality it ever reaches 1/(α · share) with probability
 *    α · share at most. Kept is T = M / w(1) without that rest: T(t) = E(t) · (T(t − 1) + w(t) / w(1)), so T(1) = E(1).
 * 3. The share of a recipient and version is fixed when they are first weighed, and all shares of a case add up to 1 at
 *    most: batch k has 1/(k(k + 1)) of it, in equal parts. So an innocent is ever identified with probability α at
 *    most, over all tries. A later, larger α moves the threshold of the same product: the largest α is what was spent.
 *
 * A text that contradicts what was read is another leak, and all its slots count. The person who chooses its excerpt may
 * know from the earlier leak how slots of an innocent read, and the bound does not hold against that choice: a second
 * person signs that the text was taken whole (`reopens`). Later texts of either leak get only slots that neither has
 * shown. Forged texts and known codewords are beyond this bound and any other.
 */
import type { Symbol } from "../carriers/carrier.ts"
import { type Findings, isRelated, readsUnmarked } from "../evidence.ts"

export interface Candidate {
    /** log10 of T, over the tries that had fresh slots, and how many those were; 0 where none had. */
    readonly log10e: number
    readonly tries: number
    /** Of the case's α; fixed. */
    readonly share: number
}

/** Tries whose readings do not contradict each other. */
export interface Incident {
    /** Of each slot, what was first read; null where nothing was. */
    readonly read: readonly Symbol[]
    readonly tries: number
    /** The largest α of them. */
    readonly alpha: number
    readonly candidates: Readonly<Record<string, Candidate>>
}

/** What was tried on one version. */
export interface Budget {
    readonly incidents: readonly Incident[]
    /** Of the case: the last batch in which a recipient of this version was first weighed. */
    readonly batch: number
}

export const unspent: Budget = { incidents: [], batch: 0 }

/** One text held against one version, before any codeword is looked at. */
export interface Attempt {
    /** Its place among the incidents; their number where it opens one. */
    readonly place: number
    /** What counts: of slots that an earlier try has shown, nothing. */
    readonly fresh: readonly Symbol[]
    readonly counts: { readonly fresh: number; readonly before: number }
    /** It is a leak of the version: of its text, and with marks. */
    readonly spends: boolean
    /** It is another leak of which slots count that an earlier leak has shown. */
    readonly reopens: boolean
}

/** Fewer slots that differ, or a smaller part of those that both texts show, may be misread. */
const differsMin = 6
const differsPart = 1 / 5

/** Whether two readings of one version cannot be from one text. In doubt they are. */
function contradicts(before: readonly Symbol[], now: readonly Symbol[]): boolean {
    let [both, differing] = [0, 0]
    before.forEach((symbol, i) => {
        if (typeof symbol !== "number" || typeof now[i] !== "number") return
        both += 1
        differing += Number(symbol !== now[i])
    })
    return differing >= differsMin && differing > differsPart * both
}

/**
 * `counted`: of each slot, whether it counts in e-values. A text that is not of this version shows nothing and spends nothing. Nor
 * does one without marks: it identifies no copy, and how well copies fit it is not shown. So it guides no later try.
 */
export function attemptOn(budget: Budget, symbols: readonly Symbol[], counted: readonly boolean[]): Attempt {
    const { incidents } = budget
    const found = incidents.findIndex(({ read }) => !contradicts(read, symbols))
    const place = found === -1 ? incidents.length : found
    const weighable = symbols.filter((_, i) => counted[i])
    const isUnmarked = readsUnmarked(weighable)
    const related = isRelated(weighable) && !isUnmarked
    const wasShown = (i: number) => incidents.some(({ read }) => typeof read[i] === "number")
    const isSpent = (i: number) => place < incidents.length && wasShown(i)
    const fresh = symbols.map((symbol, i) => (isUnmarked || (related && !isSpent(i)) ? symbol : null))
    const shown = (symbols: readonly Symbol[]) =>
        symbols.filter((symbol, i) => counted[i] && typeof symbol === "number").length
    const counts = { fresh: shown(fresh), before: related ? shown(symbols) - shown(fresh) : 0 }
    const reopens =
        related && place === incidents.length && fresh.some((symbol, i) => typeof symbol === "number" && wasShown(i))
    return { place, fresh, counts, spends: related, reopens }
}

/** Whether the attempt weighs a recipient for the first time in its incident. */
export function hasNewcomers({ incidents }: Budget, { place }: Attempt, recipients: readonly string[]): boolean {
    const known = incidents[place]?.candidates ?? {}
    return recipients.some((recipient) => known[recipient] === undefined)
}

/** Batch k = 1, 2, 3 … has 1/2, 1/6, 1/12 … of α: together 1. */
export const shareOf = (batch: number): number => 1 / (batch * (batch + 1))

/** What of a case's α is left to recipients, versions and leaks that come after so many batches. */
export const leftAfter = (batches: number): number => 1 / (batches + 1)

/** The candidates of an attempt: those who are new share `share` in equal parts. */
export function candidatesIn(
    { incidents }: Budget,
    { place }: Attempt,
    recipients: readonly string[],
    share: number,
): Record<string, Candidate> {
    const known = incidents[place]?.candidates ?? {}
    const newcomers = recipients.filter((recipient) => known[recipient] === undefined)
    const added = newcomers.map((newcomer): [string, Candidate] => [
        newcomer,
        { log10e: 0, tries: 0, share: share / newcomers.length },
    ])
    return { ...known, ...Object.fromEntries(added) }
}

/** The weight of products that begin with the first try; try k ≥ 2 has the rest times 1/(k(k − 1)). */
export const firstWeight = 0.8

/** log10 of what the e-value of the next try multiplies. */
export function log10Before({ log10e, tries }: Pick<Candidate, "log10e" | "tries">): number {
    if (tries === 0) return 0
    const begins = Math.log10((1 - firstWeight) / firstWeight / ((tries + 1) * tries))
    const [less, more] = log10e < begins ? [log10e, begins] : [begins, log10e]
    return more + Math.log10(1 + 10 ** (less - more))
}

/** The α at which the fresh slots are weighed: its threshold is that of the recipient with the smallest share. */
export function alphaAmong(
    candidates: Readonly<Record<string, Candidate>>,
    recipients: readonly string[],
    alpha: number,
): number {
    return (
        alpha *
        firstWeight *
        recipients.length *
        Math.min(...recipients.map((recipient) => candidates[recipient]?.share ?? 1))
    )
}

/**
 * The findings on a text: as it reads by itself (`alone`, all its slots), but with the e-values of its whole incident, of
 * which its fresh slots are the last factor. It identifies a copy where those reach the threshold, and the text itself
 * speaks for that copy and fits no other better: what was read of another leak is charged to no copy.
 */
export function concluded<F extends Findings>(alone: F, fresh: Findings, before: ReadonlyMap<string, number>): F {
    const own = new Map(alone.ranking.map((ranked) => [ranked.recipient, ranked]))
    const best = Math.max(...alone.ranking.map((ranked) => ranked.log10e))
    const ranking = fresh.ranking.map(({ recipient, log10e }) => {
        const total = (before.get(recipient) ?? 0) + log10e
        const ranked = own.get(recipient)
        const isBest = ranked !== undefined && ranked.log10e > 0 && ranked.log10e === best
        const isOver = total >= fresh.bar && isBest && !alone.unmarked.explains
        return { recipient, log10e: total, identified: isOver, fits: ranked?.fits ?? 0 }
    })
    ranking.sort((a, b) => b.log10e - a.log10e)
    const identified = ranking.filter((item) => item.identified).map(({ recipient }) => recipient)
    const verdict = identified.length > 0 ? "traced" : alone.verdict === "traced" ? "undecided" : alone.verdict
    return { ...alone, verdict, alpha: fresh.alpha, bar: fresh.bar, identified, ranking, together: fresh.together }
}

/** The budget after an attempt. `log10e`: of everybody, over the whole incident. */
export function spentBy(
    budget: Budget,
    { place, fresh, counts }: Attempt,
    candidates: Readonly<Record<string, Candidate>>,
    { log10e, alpha, batch }: { log10e: ReadonlyMap<string, number>; alpha: number; batch: number },
): Budget {
    const before = budget.incidents[place]
    const read = fresh.map((symbol, i) => (typeof symbol === "number" ? symbol : (before?.read[i] ?? null)))
    const weighed = Object.entries(candidates).map(([name, candidate]): [string, Candidate] => {
        const total = counts.fresh === 0 ? undefined : log10e.get(name)
        return [name, total === undefined ? candidate : { ...candidate, log10e: total, tries: candidate.tries + 1 }]
    })
    const incident: Incident = {
        ...{ read, tries: (before?.tries ?? 0) + 1, alpha: Math.max(alpha, before?.alpha ?? 0) },
        candidates: Object.fromEntries(weighed),
    }
    const incidents = [...budget.incidents.slice(0, place), incident, ...budget.incidents.slice(place + 1)]
    return { ...budget, incidents, batch }
}

/**
 * The budget once two people have deleted a text: how well it fits anybody is gone. Which forms it showed stays, or a
 * deletion would give a second try; leaks that contradict it count in full.
 */
export function forgottenOf(budget: Budget): Budget {
    return { ...budget, incidents: budget.incidents.map((incident) => ({ ...incident, candidates: {} })) }
}
