/**
 * Finds colluders: the recipients that explain a leak together, and how much each adds to the others.
 *
 * Each candidate is weighed together with accomplices. Their names and number are unknown. So sets of none, the
 * likeliest one, two, … are tried, each weighted by the likelihood of the leak with it. The search never uses the
 * candidate's own codeword ("leave one out"); otherwise it would identify innocent recipients too often. Source: the
 * joint decoder of Amiri and Tardos (2009) and of Meerwald and Furon (2012). Leaving one out and the mean over sets are
 * our additions.
 */
import { type Rows, pickRows, sumRows } from "../code/codewords.ts"
import { colludersMax } from "./attacks.ts"
import { logSum, logTail } from "./tail.ts"
import { type Reading, type Scoring, eValue, scoringOf } from "./scores.ts"

/** The number of best-fitting recipients on the shortlist. */
const shortlistMax = 200
/** The smallest likelihood of a set, relative to the likeliest one. */
const leastWeight = 1e-3
/** The number of sets of each size that grow further, and of recipients that each grows by. */
const width = 2

interface Search {
    /** The number of all recipients, from which accomplices may come. */
    readonly recipients: number
    /** Scores the shortlist for given accomplices. */
    readonly scoresGiven: (accomplices: readonly number[]) => ScoresGiven
}

/** The scores of the shortlist with given accomplices. */
interface ScoresGiven {
    readonly scoring: Scoring
    readonly scores: () => Float64Array
}

/** A set of accomplices, with ln of its share of the likelihood of all sets tried. */
interface WeightedSet extends ScoresGiven {
    readonly accomplices: readonly number[]
    readonly log: number
}

type GrownSet = Pick<WeightedSet, "accomplices" | "log">

interface SearchResult {
    readonly sets: readonly WeightedSet[]
    /** Recipients that the search considered. Without one of them, it might have found other sets. */
    readonly considered: ReadonlySet<number>
}

/** The result of the joint test. */
export interface JointResult {
    /** The rows that explain the leak together. */
    readonly coalition: readonly number[]
    /** ln of the e-value by row; −∞ for recipients that are not on the shortlist. */
    readonly log: Float64Array
}

/** The accomplices found, before an error is chosen. Values of a row are computed on demand. */
export interface Accomplices {
    readonly coalition: readonly number[]
    /** Computes ln of a row's e-value. `goal` is ln of the threshold. */
    readonly logFor: (goal: number) => (row: number) => number
    /**
     * Approximates ln of the probability that an innocent recipient scores as high as this row. It ranks and identifies
     * no recipient.
     */
    readonly tail: (row: number) => number
}

/**
 * Weighs each row together with accomplices. `scoresAlone` gives each row's score without accomplices; `goal` is ln
 * of the threshold.
 */
export function weighJointly(reading: Reading, rows: Rows, scoresAlone: Float64Array, goal: number): JointResult {
    const { coalition, logFor } = accomplicesOf(reading, rows, scoresAlone)
    const logOf = logFor(goal)
    return { coalition, log: scoresAlone.map((_, row) => logOf(row)) }
}

/** Searches accomplices like `weighJointly`, for use with several errors. */
export function accomplicesOf(reading: Reading, rows: Rows, scoresAlone: Float64Array): Accomplices {
    const shortlist = [...scoresAlone.keys()]
        .toSorted((a, b) => (scoresAlone[b] ?? 0) - (scoresAlone[a] ?? 0) || a - b)
        .slice(0, shortlistMax + 1)
    const places = new Map(shortlist.map((row, i) => [row, i]))
    const search = { recipients: scoresAlone.length, scoresGiven: scoreCache(reading, pickRows(rows, shortlist)) }
    const whole = searchAccomplices(search, null)
    const setsWithout = new Map(
        [...whole.considered].map((value) => [value, lazily(() => searchAccomplices(search, value).sets)]),
    )
    const setsFor = (value: number) => (setsWithout.get(value) ?? (() => whole.sets))()
    const [best] = whole.sets
    return {
        coalition: (best?.accomplices ?? []).map((i) => shortlist[i] ?? 0),
        logFor: (goal) => {
            const eValues = new Map<readonly WeightedSet[], (value: number) => number>()
            return (row) => {
                const place = places.get(row)
                if (place === undefined) return -Infinity
                const sets = setsFor(place)
                const pick = eValues.get(sets) ?? eValueGiven(sets, goal)
                eValues.set(sets, pick)
                return pick(place)
            }
        },
        tail: (row) => {
            const place = places.get(row)
            return place === undefined ? 0 : tailGiven(setsFor(place), place)
        },
    }
}

function lazily<T>(make: () => T): () => T {
    let result: { readonly value: T } | null = null
    return () => (result ??= { value: make() }).value
}

/** Computes scores once for each set of accomplices. */
function scoreCache(reading: Reading, rows: Rows): Search["scoresGiven"] {
    const known = new Map<string, ScoresGiven>()
    return (accomplices) => {
        const name = accomplices.join()
        const cached = known.get(name)
        if (cached !== undefined) return cached
        const scoring = scoringOf(reading, rows, accomplices)
        const made = { scoring, scores: lazily(() => sumRows(rows, scoring.fits, scoring.others)) }
        known.set(name, made)
        return made
    }
}

/**
 * Finds the likeliest sets of accomplices, likeliest first. Sets grow by one: the likeliest of each size by the
 * recipients that fit best with them. Growth stops when larger sets no longer count. Before anything is read, all sets
 * of one size are equally likely.
 */
function searchAccomplices(search: Search, excluded: number | null): SearchResult {
    const considered = new Set<number>()
    const found: GrownSet[] = [{ accomplices: [], log: search.scoresGiven([]).scoring.logLikelihood }]
    let [largest, logChoices] = [[...found], 0]
    for (let size = 1; size < colludersMax && canGrow(found, size); size++) {
        logChoices += Math.log((search.recipients - size + 1) / size)
        const nextSets = new Map<string, GrownSet>()
        for (const { accomplices } of largest) {
            for (const value of bestFitting(search.scoresGiven(accomplices).scores(), accomplices, excluded)) {
                considered.add(value)
                const entries = [...accomplices, value].toSorted((a, b) => a - b)
                nextSets.set(entries.join(), {
                    accomplices: entries,
                    log: search.scoresGiven(entries).scoring.logLikelihood - logChoices,
                })
            }
        }
        largest = [...nextSets.values()].toSorted((a, b) => b.log - a.log).slice(0, width)
        found.push(...largest)
    }
    const sorted = found.toSorted((a, b) => b.log - a.log)
    const least = (sorted[0]?.log ?? 0) + Math.log(leastWeight)
    const kept = sorted.filter(({ log }) => log >= least)
    const sum = logSum(kept.map(({ log }) => log))
    const sets = kept.map(({ accomplices, log }) => ({
        accomplices,
        ...search.scoresGiven(accomplices),
        log: log - sum,
    }))
    return { sets, considered }
}

/** Checks whether a set of the last two sizes still counts. */
function canGrow(sets: readonly GrownSet[], size: number): boolean {
    const least = Math.max(...sets.map(({ log }) => log)) + Math.log(leastWeight)
    return sets.some(({ accomplices, log }) => accomplices.length >= size - 2 && log >= least)
}

/** Finds the recipients with the best scores that are not accomplices yet. */
function bestFitting(scores: Float64Array, accomplices: readonly number[], excluded: number | null): number[] {
    const best: number[] = []
    for (let i = 0; i < scores.length; i++) {
        if (i === excluded || accomplices.includes(i)) continue
        let at = best.length
        while (at > 0 && (scores[i] ?? 0) > (scores[best[at - 1] ?? 0] ?? 0)) at--
        if (at < width) best.splice(at, 0, i)
        if (best.length > width) best.pop()
    }
    return best
}

/**
 * Averages the e-values over the sets; a mean of e-values is an e-value. Each is optimal at the threshold that it would
 * need alone.
 */
function eValueGiven(sets: readonly WeightedSet[], goal: number): (value: number) => number {
    const each = sets.map(({ scoring, scores, log }) => ({ e: eValue(scoring, goal - log), scores: scores(), log }))
    return (value) => logSum(each.map(({ e, scores, log }) => log + e(scores[value] ?? -Infinity)))
}

function tailGiven(sets: readonly WeightedSet[], value: number): number {
    const each = sets.map(({ scoring, scores, log }) => logTail(scoring.cells, scores()[value] ?? -Infinity) - log)
    return Math.min(0, ...each)
}
