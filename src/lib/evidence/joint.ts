/**
 * Several copies at once: who explains the leak together, and how much each of them adds to the others.
 *
 * Each suspect is weighed given accomplices who were searched for without the suspect (leave one out): choosing them
 * with the help of a suspect's own word would accuse too often. Source: the joint decoder of Amiri and Tardos (2009)
 * and of Meerwald and Furon (2012), with the one left out that neither has.
 */
import { type Rows, picked, sums } from "../code.ts"
import { colludersMax } from "./attacks.ts"
import { logTail } from "./tail.ts"
import { type Reading, type Scoring, eValue, scoringOf } from "./weighing.ts"

/** So many who fit best are looked at. */
const shortMax = 200
const roundsMax = 2
/** So many of the innocent look like another accomplice, on the average: while they are gathered, and once all are. */
const innocentsAtFirst = 1
const innocentsAtLast = 0.1

interface Search {
    readonly reading: Reading
    /** Of the shortlist alone. */
    readonly rows: Rows
    /** Of the whole list. */
    readonly recipients: number
}

export interface Joint {
    /** Rows that explain the leak together. */
    readonly coalition: readonly number[]
    /** ln of the e-value, by row; −∞ for whoever is not on the shortlist. */
    readonly log: Float64Array
}

/** Who was found, before it is said how unlikely chance must be. */
export interface Accomplices {
    readonly coalition: readonly number[]
    /** ln of the e-values, `goal` being what one must pass, in nats. */
    readonly logFor: (goal: number) => Float64Array
    /** ln of about the chance that an innocent scores as high; it ranks, and accuses nobody. */
    readonly tails: () => Float64Array
}

/** `alone` are the scores of each row by itself, `goal` is what an e-value must pass, in nats. */
export function jointly(reading: Reading, rows: Rows, alone: Float64Array, goal: number): Joint {
    const { coalition, logFor } = accomplicesOf(reading, rows, alone)
    return { coalition, log: logFor(goal) }
}

/** The search of `jointly`, for several errors at once. */
export function accomplicesOf(reading: Reading, rows: Rows, alone: Float64Array): Accomplices {
    const short = [...alone.keys()]
        .toSorted((a, b) => (alone[b] ?? 0) - (alone[a] ?? 0) || a - b)
        .slice(0, shortMax + 1)
    const search: Search = { reading, rows: picked(rows, short), recipients: alone.length }
    const whole = accomplices(search, null)
    const all = weighed(search, whole.found)
    // Whoever the search has met might have led it: it is made again without them.
    const met = [...whole.met].map((one) => ({ one, ...weighed(search, accomplices(search, one).found) }))
    const each = (otherwise: number, of: (scoring: Scoring) => (score: number) => number): Float64Array => {
        const its = new Float64Array(alone.length).fill(otherwise)
        all.scores.map(of(all.scoring)).forEach((one, i) => {
            if (!whole.met.has(i)) its[short[i] ?? 0] = one
        })
        for (const { one, scoring, scores } of met) its[short[one] ?? 0] = of(scoring)(scores[one] ?? -Infinity)
        return its
    }
    return {
        coalition: whole.found.map((i) => short[i] ?? 0),
        logFor: (goal) => each(-Infinity, (scoring) => eValue(scoring, goal)),
        tails: () =>
            each(
                0,
                ({ cells }) =>
                    (score) =>
                        logTail(cells, score),
            ),
    }
}

function weighed({ reading, rows }: Search, given: readonly number[]): { scoring: Scoring; scores: Float64Array } {
    const scoring = scoringOf(reading, rows, given)
    return { scoring, scores: sums(rows, scoring.fits, scoring.others) }
}

/** Those who add most, one after the other, each looked at again once the others are known. */
function accomplices(search: Search, without: number | null): { found: number[]; met: Set<number> } {
    const met = new Set<number>()
    const found: number[] = []
    const next = (innocents: number) => {
        const best = bestOf(search, found, without, innocents)
        if (best !== null) met.add(best)
        return best
    }
    while (found.length < colludersMax - 1) {
        const one = next(innocentsAtFirst)
        if (one === null) break
        found.push(one)
    }
    for (let round = 0, moved = found.length > 1; moved && round < roundsMax; round++) {
        moved = false
        for (const was of [...found]) {
            found.shift()
            const one = next(innocentsAtLast)
            if (one !== null) found.push(one)
            moved ||= one !== was
        }
    }
    return { found, met }
}

/** Who adds most to these: anybody to nobody, else only whoever chance hardly brings; null where there is none. */
function bestOf(
    { reading, rows, recipients }: Search,
    given: readonly number[],
    without: number | null,
    innocents: number,
): number | null {
    const scoring: Scoring = scoringOf(reading, rows, given)
    const scores = sums(rows, scoring.fits, scoring.others)
    let best = -1
    for (let i = 0; i < scores.length; i++) {
        if (i === without || given.includes(i)) continue
        if (best < 0 || (scores[i] ?? 0) > (scores[best] ?? 0)) best = i
    }
    if (best < 0) return null
    return given.length === 0 || logTail(scoring.cells, scores[best] ?? 0) <= Math.log(innocents / recipients)
        ? best
        : null
}
