/**
 * Several copies at once: who explains the leak together, and how much each of them adds to the others.
 *
 * Each suspect is weighed given accomplices, of whom nobody knows who or how many they are: given none, given the best one,
 * the best two, …, each set counting by how likely the leak is with it. The search for them never sees the suspect (leave
 * one out): choosing them with the help of a suspect's own word would accuse too often. Source: the joint decoder of Amiri
 * and Tardos (2009) and of Meerwald and Furon (2012), with the one left out and the mean over sets that neither has.
 */
import { type Rows, picked, sums } from "../code.ts"
import { colludersMax } from "./attacks.ts"
import { logSum, logTail } from "./tail.ts"
import { type Reading, type Scoring, eValue, scoringOf } from "./weighing.ts"

/** So many who fit best are looked at. */
const shortMax = 200
/** Sets that are so much less likely than the likeliest are left out. */
const leastWeight = 1e-3

interface Search {
    /** How many the accomplices may be of. */
    readonly recipients: number
    /** Of the shortlist alone. */
    readonly given: (accomplices: readonly number[]) => Given
}

/** What each of the shortlist scores, given these accomplices. */
interface Given {
    readonly scoring: Scoring
    readonly scores: Float64Array
}

/** A set of accomplices, and ln of how likely it is among those looked at. */
interface Weighted extends Given {
    readonly log: number
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
    const found = foundOne(search, null)
    // Whoever the search has found might have led it: it is made again without them.
    const whole = once(() => weighted(search, found))
    const without = new Map(found.map((one) => [one, once(() => weighted(search, foundOne(search, one)))]))
    const setsFor = (one: number) => (without.get(one) ?? whole)()
    return {
        coalition: likeliest(search, found).map((i) => short[i] ?? 0),
        logFor: (goal) => {
            const givens = new Map<readonly Weighted[], (one: number) => number>()
            return (row) => {
                const one = places.get(row)
                if (one === undefined) return -Infinity
                const sets = setsFor(one)
                const of = givens.get(sets) ?? eValueGiven(sets, goal)
                givens.set(sets, of)
                return of(one)
            }
        },
        tail: (row) => {
            const one = places.get(row)
            return one === undefined ? 0 : tailGiven(setsFor(one), one)
        },
    }
}

function once<T>(make: () => T): () => T {
    let made: { readonly its: T } | null = null
    return () => (made ??= { its: make() }).its
}

/** Worked out once for each set, whatever its order. */
function givenIn(reading: Reading, rows: Rows): Search["given"] {
    const known = new Map<string, Given>()
    return (accomplices) => {
        const inOrder = accomplices.toSorted((a, b) => a - b)
        const name = inOrder.join()
        const before = known.get(name)
        if (before !== undefined) return before
        const scoring = scoringOf(reading, rows, inOrder)
        const made = { scoring, scores: sums(rows, scoring.fits, scoring.others) }
        known.set(name, made)
        return made
    }
}

/** One after the other, whoever fits best given those before. */
function foundOne({ given }: Search, without: number | null): number[] {
    const found: number[] = []
    while (found.length < colludersMax - 1) {
        const { scores } = given(found)
        let best = -1
        for (let i = 0; i < scores.length; i++) {
            if (i === without || found.includes(i)) continue
            if (best < 0 || (scores[i] ?? 0) > (scores[best] ?? 0)) best = i
        }
        if (best < 0) break
        found.push(best)
    }
    return found
}

/** ln of how likely the leak is with the first of these, none to all, times how likely such a set is before: all of its size alike. */
function logsOf({ recipients, given }: Search, found: readonly number[]): number[] {
    let sets = 0
    return [0, ...found].map((_, size) => {
        if (size > 0) sets += Math.log((recipients - size + 1) / size)
        return given(found.slice(0, size)).scoring.likely - sets
    })
}

function weighted(search: Search, found: readonly number[]): Weighted[] {
    const logs = logsOf(search, found)
    const least = Math.max(...logs) + Math.log(leastWeight)
    const all = logSum(logs.filter((log) => log >= least))
    return logs.flatMap((log, size) => (log < least ? [] : [{ ...search.given(found.slice(0, size)), log: log - all }]))
}

function likeliest(search: Search, found: readonly number[]): readonly number[] {
    const logs = logsOf(search, found)
    return found.slice(0, logs.indexOf(Math.max(...logs)))
}

/** A mean of e-values is one; each is best where it alone would pass. */
function eValueGiven(sets: readonly Weighted[], goal: number): (one: number) => number {
    const each = sets.map(({ scoring, scores, log }) => ({ e: eValue(scoring, goal - log), scores, log }))
    return (one) => logSum(each.map(({ e, scores, log }) => log + e(scores[one] ?? -Infinity)))
}

function tailGiven(sets: readonly Weighted[], one: number): number {
    const each = sets.map(({ scoring, scores, log }) => logTail(scoring.cells, scores[one] ?? -Infinity) - log)
    return Math.min(0, ...each)
}
