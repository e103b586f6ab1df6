/** The totals of many runs, each next to its limit or its best possible value. */
import { isSurprising } from "../../bench/tracing/dice.ts"
import { enough, few, mixture, same } from "./courses.ts"
import { type Course, type Outcome, type Rules, played } from "./playing.ts"

/** Errors large enough for a run to show them, in the places of cross-case evidence. */
const places = 40
export const raised: Rules = {
    alpha: 1e-2,
    ledgers: [0.1, 0.01].map((alpha) => ({ alpha, places })),
    stops: false,
}
/** As shipped. */
export const shipped: Rules = { alpha: 1e-6, ledgers: [{ alpha: 1e-6, places: 10_000 }], stops: false }

/** How often an uninvolved recipient was identified, of how many chances. */
export interface Cell {
    readonly by: string
    readonly wrongly: number
    readonly of: number
    /** The limit on average. */
    readonly allowed: number
    /** The limit that chance exceeds once in a thousand runs. */
    readonly isKept: boolean
}

export interface Row {
    readonly title: string
    readonly cells: readonly Cell[]
}

/** By program kind, and in total. */
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

/** With equal text for everyone, which identifies no recipient. */
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
    /** Leaks that identify one of their sources alone, at the shipped error. */
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
    /** Leaks until cross-case evidence identifies a source, in half of the programs and in nine of ten. */
    readonly half: number
    readonly most: number
    /** Cases until then, in half of them. */
    readonly cases: number
    /** The minimum of leaks that can identify a given source on average, by any weighing. */
    readonly floor: number
}

/**
 * Each leak gives at most this many bits about a given source, and its share costs one; the threshold is their target.
 * The first source identified is the luckiest, so several sources can be below that.
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
