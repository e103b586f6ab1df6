/**
 * Keeps the error of everything that is tried on leaks of one case: excerpts, overlaps, other masters, other values
 * of α.
 *
 * Each try shows how well every copy fits what was read. A person who files excerpts one after the other therefore
 * learns an innocent's codeword slot by slot, and can then file the excerpt that fits it. So no rule that only counts
 * tries holds. This one does, for any choice that earlier results guide:
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
 * A text that contradicts what was read is another leak, and all its slots count. The person who chooses its excerpt
 * may know from the earlier leak how slots of an innocent read, and the bound does not hold against that choice: a
 * second person signs that the text was taken whole (`opensNewIncident`). Later texts of either leak get only slots
 * that neither has shown. Forged texts and known codewords are beyond this bound and any other.
 */
import type { Symbol } from "../carriers/carrier.ts"
import { type Findings, isRelated, readsUnmarked } from "../evidence.ts"

/** The evidence for one recipient within an incident. */
export interface Candidate {
    /** log10 of T over the tries that had fresh slots, and their number; 0 if there were none. */
    readonly log10e: number
    readonly attempts: number
    /** The fixed share of the case's α. */
    readonly share: number
}

/** Tries whose readings do not contradict each other. */
export interface Incident {
    /** The first symbol read at each slot; null if none was read. */
    readonly read: readonly Symbol[]
    readonly attempts: number
    /** The largest α of the tries. */
    readonly alpha: number
    readonly candidates: Readonly<Record<string, Candidate>>
    /** Whether tries of this incident were lost when the database was restored. */
    readonly isRestored?: boolean
}

/** All tries on one version. */
export interface Budget {
    readonly incidents: readonly Incident[]
    /** The last batch of the case in which a recipient of this version was first weighed. */
    readonly batch: number
    /** How often tries that a restore had lost were joined with it. Missing for 0. */
    readonly restores?: number
}

/** The budget of a version before any try. */
export const emptyBudget: Budget = { incidents: [], batch: 0 }

/** A text compared with one version, before any codeword is used. */
export interface Attempt {
    /** The index of the incident; the number of incidents if the attempt opens a new one. */
    readonly place: number
    /** The symbols that count. Slots that an earlier try has shown do not. */
    readonly fresh: readonly Symbol[]
    readonly counts: { readonly fresh: number; readonly before: number }
    /** Whether the text is a leak of the version: of its text, and with marks. */
    readonly spendsBudget: boolean
    /** Whether this is another leak, and slots count again that an earlier leak has shown. */
    readonly opensNewIncident: boolean
}

/**
 * The limits up to which differing slots may be misread: their number, and their part of the slots that both texts
 * show.
 */
const differsMin = 6
const differsPart = 1 / 5

/** Checks whether two readings of one version cannot come from one text. In doubt, they can. */
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
 * Prepares a try. `counted` says for each slot whether it counts in e-values. A text that is not of this version shows
 * nothing and spends nothing. Nor does a text without marks. It identifies no copy, and the fit of copies is not shown,
 * so it guides no later try.
 */
export function prepareAttempt(budget: Budget, symbols: readonly Symbol[], counted: readonly boolean[]): Attempt {
    const { incidents } = budget
    const found = incidents.findIndex(({ read }) => !contradicts(read, symbols))
    const place = found === -1 ? incidents.length : found
    const weighable = symbols.filter((_, i) => counted[i])
    const isUnmarked = readsUnmarked(weighable)
    const isLeak = isRelated(weighable) && !isUnmarked
    const wasShown = (i: number) => incidents.some(({ read }) => typeof read[i] === "number")
    const isSpent = (i: number) => place < incidents.length && wasShown(i)
    const fresh = symbols.map((symbol, i) => (isUnmarked || (isLeak && !isSpent(i)) ? symbol : null))
    const shown = (symbols: readonly Symbol[]) =>
        symbols.filter((symbol, i) => counted[i] && typeof symbol === "number").length
    const counts = { fresh: shown(fresh), before: isLeak ? shown(symbols) - shown(fresh) : 0 }
    const opensNewIncident =
        isLeak && place === incidents.length && fresh.some((symbol, i) => typeof symbol === "number" && wasShown(i))
    return { place, fresh, counts, spendsBudget: isLeak, opensNewIncident }
}

/** Checks whether the attempt weighs a recipient for the first time in its incident. */
export function hasNewcomers({ incidents }: Budget, { place }: Attempt, recipients: readonly string[]): boolean {
    const known = incidents[place]?.candidates ?? {}
    return recipients.some((recipient) => known[recipient] === undefined)
}

/** Computes the share of batch k = 1, 2, 3 …: 1/2, 1/6, 1/12 … of α, together 1. */
export const shareOf = (batch: number): number => 1 / (batch * (batch + 1))

/** Computes the share of a case's α that remains after a number of batches. */
export const shareLeftAfter = (batches: number): number => 1 / (batches + 1)

/** Lists the candidates of an attempt. New candidates divide `share` equally. */
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
        { log10e: 0, attempts: 0, share: share / newcomers.length },
    ])
    return { ...known, ...Object.fromEntries(added) }
}

/** The weight of products that begin with the first try. Try k ≥ 2 has the rest times 1/(k(k − 1)). */
export const firstWeight = 0.8

/** Computes log10 of the factor that the next try's e-value is multiplied with. */
export function log10Before({ log10e, attempts }: Pick<Candidate, "log10e" | "attempts">): number {
    if (attempts === 0) return 0
    const begins = Math.log10((1 - firstWeight) / firstWeight / ((attempts + 1) * attempts))
    const [less, more] = log10e < begins ? [log10e, begins] : [begins, log10e]
    return more + Math.log10(1 + 10 ** (less - more))
}

/**
 * Computes the α at which the fresh slots are weighed. Its threshold is that of the recipient with the smallest share.
 */
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
 * Combines the findings on a text with its incident. `alone` weighs all slots of the text; the e-values are those of
 * the whole incident, with the fresh slots as last factor. A copy is identified if its e-value reaches the threshold,
 * and the text itself supports that copy and fits no other better. So symbols of another leak count against no copy.
 */
export function combineWithIncident<F extends Findings>(
    alone: F,
    fresh: Findings,
    before: ReadonlyMap<string, number>,
): F {
    const rankedByName = new Map(alone.ranking.map((ranked) => [ranked.recipient, ranked]))
    const best = Math.max(...alone.ranking.map((ranked) => ranked.log10e))
    const ranking = fresh.ranking.map(({ recipient, log10e }) => {
        const total = (before.get(recipient) ?? 0) + log10e
        const ranked = rankedByName.get(recipient)
        const isBest = ranked !== undefined && ranked.log10e > 0 && ranked.log10e === best
        const isOver = total >= fresh.threshold && isBest && !alone.unmarked.explains
        return { recipient, log10e: total, identified: isOver, fits: ranked?.fits ?? 0 }
    })
    ranking.sort((a, b) => b.log10e - a.log10e)
    const identified = ranking.filter((ranked) => ranked.identified).map(({ recipient }) => recipient)
    const verdict = identified.length > 0 ? "traced" : alone.verdict === "traced" ? "undecided" : alone.verdict
    return {
        ...alone,
        verdict,
        alpha: fresh.alpha,
        threshold: fresh.threshold,
        identified,
        ranking,
        together: fresh.together,
    }
}

/** Computes the budget after an attempt. `log10e` covers all recipients over the whole incident. */
export function budgetAfter(
    budget: Budget,
    { place, fresh, counts }: Attempt,
    candidates: Readonly<Record<string, Candidate>>,
    { log10e, alpha, batch }: { log10e: ReadonlyMap<string, number>; alpha: number; batch: number },
): Budget {
    const earlier = budget.incidents[place]
    const read = fresh.map((symbol, i) => (typeof symbol === "number" ? symbol : (earlier?.read[i] ?? null)))
    const weighed = Object.entries(candidates).map(([name, candidate]): [string, Candidate] => {
        const total = counts.fresh === 0 ? undefined : log10e.get(name)
        return [
            name,
            total === undefined ? candidate : { ...candidate, log10e: total, attempts: candidate.attempts + 1 },
        ]
    })
    const incident: Incident = {
        read,
        attempts: (earlier?.attempts ?? 0) + 1,
        alpha: Math.max(alpha, earlier?.alpha ?? 0),
        candidates: Object.fromEntries(weighed),
        ...(earlier?.isRestored && { isRestored: true }),
    }
    const incidents = [...budget.incidents.slice(0, place), incident, ...budget.incidents.slice(place + 1)]
    return { ...budget, incidents, batch }
}

/**
 * Computes the budget after two people have deleted a text. It drops how well the text fits each recipient. It keeps
 * the forms that the text showed; otherwise a deletion would permit a second try. Leaks that contradict them count in
 * full.
 */
export function budgetAfterDeletion(budget: Budget): Budget {
    return { ...budget, incidents: budget.incidents.map((incident) => ({ ...incident, candidates: {} })) }
}

/** Computes what a restore must not forget: the forms that texts showed, and the shares that are taken. No result. */
export function spentOf({ incidents, batch, restores }: Budget): Budget {
    return {
        batch,
        incidents: incidents.map(({ read, attempts, alpha }) => ({ read, attempts, alpha, candidates: {} })),
        ...(restores && { restores }),
    }
}

/** Checks whether a budget includes what was spent: the tries were made before it, or joined with it. */
function isSpentIn(budget: Budget, spent: Budget): boolean {
    const includes = (lost: Incident) =>
        budget.incidents.some(
            ({ read, attempts, alpha }) =>
                isReadIn(lost.read, read) && lost.attempts <= attempts && lost.alpha <= alpha,
        )
    const isJoined = (spent.restores ?? 0) <= (budget.restores ?? 0)
    return isJoined && spent.batch <= budget.batch && spent.incidents.every(includes)
}

const isReadIn = (part: readonly Symbol[], read: readonly Symbol[]): boolean =>
    part.every((symbol, i) => symbol === null || symbol === read[i])

/**
 * Computes the budget of a restored database. `spent` is what was spent before the restore. Returns the same budget if
 * it includes that. Otherwise results are dropped, also where the restored database has them: a product that is set
 * back to an earlier value would get a second chance.
 */
export function budgetAfterRestore(restored: Budget, spent: Budget): Budget {
    if (isSpentIn(restored, spent)) return restored
    const lost = spentOf(spent).incidents.map((incident): Incident => {
        const parts = restored.incidents.filter(({ read }) => isReadIn(read, incident.read))
        return {
            ...incident,
            attempts: Math.max(incident.attempts, ...parts.map(({ attempts }) => attempts)),
            alpha: Math.max(incident.alpha, ...parts.map(({ alpha }) => alpha)),
            isRestored: true,
        }
    })
    const other = restored.incidents
        .filter(({ read }) => !lost.some((incident) => isReadIn(read, incident.read)))
        .map((incident) => ({ ...incident, candidates: {} }))
    const restores = Math.max(restored.restores ?? 0, spent.restores ?? 0)
    return {
        incidents: [...lost, ...other],
        batch: Math.max(restored.batch, spent.batch),
        ...(restores > 0 && { restores }),
    }
}

/** Joins budgets of one version from several histories of a database, without results. */
export function joinAfterRestore(budgets: readonly Budget[]): Budget {
    const joined = budgets.reduce(budgetAfterRestore, emptyBudget)
    return { ...joined, restores: (joined.restores ?? 0) + 1 }
}
