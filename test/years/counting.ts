/** What many runs come to, each count beside what is allowed or what could be had at best. */
import { isSurprising } from "../../bench/tracing/dice.ts"
import { enough, few, mixture, same } from "./courses.ts"
import { type Course, type Outcome, type Rules, played } from "./playing.ts"

/** So often that a run can show it: the ledger's places are those that there are. */
const places = 40
export const raised: Rules = {
    alpha: 1e-2,
    ledgers: [0.1, 0.01].map((alpha) => ({ alpha, places })),
    stops: false,
}
/** As they ship. */
export const shipped: Rules = { alpha: 1e-6, ledgers: [{ alpha: 1e-6, places: 10_000 }], stops: false }

/** How often anybody who had no part was named, of how often that could have been. */
export interface Cell {
    readonly by: string
    readonly wrongly: number
    readonly of: number
    /** So often at most, on average. */
    readonly allowed: number
    /** Not more than chance brings with that once in a thousand times. */
    readonly isKept: boolean
}

export interface Row {
    readonly title: string
    readonly cells: readonly Cell[]
}

/** Of each course, and of all of them. */
export function accusations(programs: number, rules: Rules): Row[] {
    const each = mixture.map(([course, times], n) => ({
        title: course.title,
        outcomes: outcomesOf(course, rules, Math.ceil((programs * times) / 100), 1000 + n),
    }))
    const values = { title: "all", outcomes: each.flatMap(({ outcomes }) => outcomes) }
    return [...each, values].map(({ title, outcomes }) => ({ title, cells: cellsOf(outcomes, rules) }))
}

function cellsOf(outcomes: readonly Outcome[], { alpha, ledgers }: Rules): Cell[] {
    const programs = (by: string, error: number, isWrong: (outcome: Outcome) => boolean) =>
        cellOf(
            by,
            sum(outcomes, (outcome) => Number(isWrong(outcome))),
            outcomes.length,
            error,
        )
    const [wrongly, leaks] = [
        sum(outcomes, (outcome) => outcome.wronglyByLeak),
        sum(outcomes, (outcome) => outcome.weighed),
    ]
    return [
        cellOf(`leaks, each at ${alpha}`, wrongly, leaks, alpha),
        ...ledgers.map((bound, i) =>
            programs(`the ledger at ${bound.alpha}`, bound.alpha, (outcome) => outcome.wronglyByLedger[i] === true),
        ),
        programs(`an inquiry at ${alpha}`, alpha, (outcome) => outcome.wronglyByInquiry),
    ]
}

function cellOf(by: string, wrongly: number, total: number, alpha: number): Cell {
    return { by, wrongly, of: total, allowed: alpha * total, isKept: !isSurprising(wrongly, alpha * total) }
}

/** Where everyone gets the same: it says nothing of anybody. */
export function namedWhereAllAreAlike(runs: number): { readonly leaks: number; readonly named: number } {
    const outcomes = [raised, shipped].flatMap((rules) => outcomesOf(same, rules, Math.ceil(runs / 2), 77))
    const named = (outcome: Outcome) =>
        outcome.wronglyByLeak +
        outcome.namedByLeak +
        Number(outcome.tillNamed !== null) +
        Number(outcome.wronglyByInquiry)
    return { leaks: sum(outcomes, (outcome) => outcome.weighed), named: sum(outcomes, named) }
}

export interface Power {
    readonly title: string
    readonly leaks: number
    /** Those that name one of their sources by themselves, at the error that ships. */
    readonly named: number
}

export function powersAlone(leaks: number): Power[] {
    return enough.map((course, n) => {
        const outcomes = outcomesOf(course, shipped, Math.ceil(leaks / 3), 300 + n)
        const [total, named] = [
            sum(outcomes, (outcome) => outcome.fromCopies),
            sum(outcomes, (outcome) => outcome.namedByLeak),
        ]
        return { title: course.title, leaks: total, named }
    })
}

export interface Adding {
    readonly title: string
    readonly runs: number
    /** Leaks till the ledger names one of the sources, in half of the programs and in nine of ten. */
    readonly half: number
    readonly most: number
    /** Cases till then, in half of them. */
    readonly cases: number
    /** A given one could not be named by fewer leaks, on average, however they were weighed. */
    readonly floor: number
}

/**
 * Each leak can tell so many bits of a given one of them, and its share costs one; the bar is what they have to reach. Whoever is named
 * first of several is the luckiest, so that several may be below that.
 */
export function powersTogether(runs: number): Adding[] {
    const [bound = { alpha: 1, places: 1 }] = shipped.ledgers
    return few.map(([course, bits], n) => {
        const outcomes = outcomesOf(course, { ...shipped, stops: true }, runs, 500 + n)
        const at = (share: number, subject: "leaks" | "cases") => {
            const sorted = outcomes.map(({ tillNamed }) => tillNamed?.[subject] ?? Infinity).toSorted((a, b) => a - b)
            return sorted[Math.ceil(share * sorted.length) - 1] ?? Infinity
        }
        const each = bits * course.leaks.read[0] - 1
        const floor = Math.log2(bound.places / bound.alpha) / each
        return {
            title: course.title,
            runs,
            half: at(0.5, "leaks"),
            most: at(0.9, "leaks"),
            cases: at(0.5, "cases"),
            floor,
        }
    })
}

const outcomesOf = (course: Course, rules: Rules, runs: number, seed: number): Outcome[] =>
    Array.from({ length: runs }, (_, n) => played(course, rules, seed * 100_003 + n))

const sum = (outcomes: readonly Outcome[], pick: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + pick(outcome), 0)
