/**
 * Several copies at once: who explains the leak together, and how much each of them adds to the others.
 *
 * Each suspect is weighed given accomplices, of whom nobody knows who or how many they are: given none, given the likeliest
 * one, two, …, each set counting by how likely the leak is with it. The search for them never sees the suspect (leave
 * one out): choosing them with the help of a suspect's own word would accuse too often. Source: the joint decoder of Amiri
 * and Tardos (2009) and of Meerwald and Furon (2012), with the one left out and the mean over sets that neither has.
 */
import { type Rows, picked, sums } from "../code/codewords.ts"
import { colludersMax } from "./attacks.ts"
import { logSum, logTail } from "./tail.ts"
import { type Reading, type Scoring, eValue, scoringOf } from "./scores.ts"

/** So many who fit best are looked at. */
const shortMax = 200
/** Sets that are so much less likely than the likeliest are left out. */
const leastWeight = 1e-3
/** So many sets of each size grow further, each by so many. */
const width = 2

interface Search {
    /** How many the accomplices may be of. */
    readonly recipients: number
    /** Of the shortlist alone. */
    readonly given: (accomplices: readonly number[]) => Given
}

/** What each of the shortlist scores, given these accomplices. */
interface Given {
    readonly scoring: Scoring
    readonly scores: () => Float64Array
}

/** A set of accomplices, and ln of how likely it is among those looked at. */
interface Weighted extends Given {
    readonly accomplices: readonly number[]
    readonly log: number
}

type Grown = Pick<Weighted, "accomplices" | "log">

interface Found {
    readonly sets: readonly Weighted[]
    /** Whoever was looked at on the way: without them other sets might have been found. */
    readonly seen: ReadonlySet<number>
}

export interface Joint {
    /** Rows that explain the leak together. */
    readonly coalition: readonly number[]
    /** ln of the e-value, by row; −∞ for whoever is not on the shortlist. */
    readonly log: Float64Array
}

/** Who was found, before it is said how unlikely chance must be. What is asked of a row is worked out when it is asked. */
export interface Accomplices {
    readonly coalition: readonly number[]
    /** ln of a row's e-value, `goal` being what it must pass, in nats. */
    readonly logFor: (goal: number) => (row: number) => number
    /** ln of about the chance that an innocent scores as high as this row; it ranks, and accuses nobody. */
    readonly tail: (row: number) => number
}

/** `alone` are the scores of each row by itself, `goal` is what an e-value must pass, in nats. */
export function jointly(reading: Reading, rows: Rows, alone: Float64Array, goal: number): Joint {
    const { coalition, logFor } = accomplicesOf(reading, rows, alone)
    const logOf = logFor(goal)
    return { coalition, log: alone.map((_, row) => logOf(row)) }
}

/** The search of `jointly`, for several errors at once. */
export function accomplicesOf(reading: Reading, rows: Rows, alone: Float64Array): Accomplices {
    const short = [...alone.keys()]
        .toSorted((a, b) => (alone[b] ?? 0) - (alone[a] ?? 0) || a - b)
        .slice(0, shortMax + 1)
    const places = new Map(short.map((row, i) => [row, i]))
    const search = { recipients: alone.length, given: givenIn(reading, picked(rows, short)) }
    const whole = searched(search, null)
    const without = new Map([...whole.seen].map((value) => [value, once(() => searched(search, value).sets)]))
    const setsFor = (value: number) => (without.get(value) ?? (() => whole.sets))()
    const [best] = whole.sets
    return {
        coalition: (best?.accomplices ?? []).map((i) => short[i] ?? 0),
        logFor: (goal) => {
            const givens = new Map<readonly Weighted[], (value: number) => number>()
            return (row) => {
                const place = places.get(row)
                if (place === undefined) return -Infinity
                const sets = setsFor(place)
                const pick = givens.get(sets) ?? eValueGiven(sets, goal)
                givens.set(sets, pick)
                return pick(place)
            }
        },
        tail: (row) => {
            const place = places.get(row)
            return place === undefined ? 0 : tailGiven(setsFor(place), place)
        },
    }
}

function once<T>(make: () => T): () => T {
    let made: { readonly its: T } | null = null
    return () => (made ??= { its: make() }).its
}

/** Worked out once for each set. */
function givenIn(reading: Reading, rows: Rows): Search["given"] {
    const known = new Map<string, Given>()
    return (accomplices) => {
        const name = accomplices.join()
        const before = known.get(name)
        if (before !== undefined) return before
        const scoring = scoringOf(reading, rows, accomplices)
        const made = { scoring, scores: once(() => sums(rows, scoring.fits, scoring.others)) }
        known.set(name, made)
        return made
    }
}

/**
 * The likeliest sets, most likely first. They grow one by one: the likeliest of each size by whoever fit best given them,
 * until larger ones no longer count. Before anything is read, all of a size are alike.
 */
function searched(search: Search, without: number | null): Found {
    const seen = new Set<number>()
    const growns: Grown[] = [{ accomplices: [], log: search.given([]).scoring.likely }]
    let [largest, before] = [[...growns], 0]
    for (let size = 1; size < colludersMax && isOpen(growns, size); size++) {
        before += Math.log((search.recipients - size + 1) / size)
        const grown = new Map<string, Grown>()
        for (const { accomplices } of largest) {
            for (const value of fitting(search.given(accomplices).scores(), accomplices, without)) {
                seen.add(value)
                const entries = [...accomplices, value].toSorted((a, b) => a - b)
                grown.set(entries.join(), { accomplices: entries, log: search.given(entries).scoring.likely - before })
            }
        }
        largest = [...grown.values()].toSorted((a, b) => b.log - a.log).slice(0, width)
        growns.push(...largest)
    }
    const sorted = growns.toSorted((a, b) => b.log - a.log)
    const least = (sorted[0]?.log ?? 0) + Math.log(leastWeight)
    const kept = sorted.filter(({ log }) => log >= least)
    const sum = logSum(kept.map(({ log }) => log))
    const sets = kept.map(({ accomplices, log }) => ({ accomplices, ...search.given(accomplices), log: log - sum }))
    return { sets, seen }
}

/** Whether any set of the last two sizes counts. */
function isOpen(growns: readonly Grown[], size: number): boolean {
    const least = Math.max(...growns.map(({ log }) => log)) + Math.log(leastWeight)
    return growns.some(({ accomplices, log }) => accomplices.length >= size - 2 && log >= least)
}

/** Who score best and are not among them yet. */
function fitting(scores: Float64Array, accomplices: readonly number[], without: number | null): number[] {
    const best: number[] = []
    for (let i = 0; i < scores.length; i++) {
        if (i === without || accomplices.includes(i)) continue
        let at = best.length
        while (at > 0 && (scores[i] ?? 0) > (scores[best[at - 1] ?? 0] ?? 0)) at--
        if (at < width) best.splice(at, 0, i)
        if (best.length > width) best.pop()
    }
    return best
}

/** A mean of e-values is one; each is best where it alone would pass. */
function eValueGiven(sets: readonly Weighted[], goal: number): (value: number) => number {
    const each = sets.map(({ scoring, scores, log }) => ({ e: eValue(scoring, goal - log), scores: scores(), log }))
    return (value) => logSum(each.map(({ e, scores, log }) => log + e(scores[value] ?? -Infinity)))
}

function tailGiven(sets: readonly Weighted[], value: number): number {
    const each = sets.map(({ scoring, scores, log }) => logTail(scoring.cells, scores()[value] ?? -Infinity) - log)
    return Math.min(0, ...each)
}
