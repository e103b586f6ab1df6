import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Cell, cumulant, logRarest, logTail, rareScore, step, tiltFor } from "./tail.ts"

const cell = fc.record({
    count: fc.integer({ min: 1, max: 3 }),
    chance: fc.integer({ min: 1, max: 255 }).map((n) => n / 256),
    fit: fc.integer({ min: -200, max: 200 }).map((n) => n * step),
    other: fc.integer({ min: -200, max: 200 }).map((n) => n * step),
})
const cells = fc.array(cell, { minLength: 1, maxLength: 4 })

/** How likely each score is, by going through all that there are. */
function scoreProbabilities(cells: readonly Cell[]): Map<number, number> {
    let scores = new Map([[0, 1]])
    for (const { count, chance, fit, other } of cells) {
        for (let n = 0; n < count; n++) {
            const next = new Map<number, number>()
            for (const [score, p] of scores) {
                next.set(score + fit, (next.get(score + fit) ?? 0) + p * chance)
                next.set(score + other, (next.get(score + other) ?? 0) + p * (1 - chance))
            }
            scores = next
        }
    }
    return scores
}

const tailOf = (scores: ReadonlyMap<number, number>, least: number): number =>
    [...scores].reduce((sum, [score, p]) => sum + (score >= least ? p : 0), 0)

describe("the identification threshold of a score", () => {
    test("has exactly its chance, and the next lower score has more than allowed", () => {
        const goals = fc.double({ min: 0.1, max: 12, noNaN: true })
        const check = fc.property(cells, goals, (list, goal) => {
            fc.pre(logRarest(list) <= -goal && list.some(({ fit, other }) => fit !== other))
            const scores = scoreProbabilities(list)
            const { score, log } = rareScore(list, goal)
            const tail = tailOf(scores, score)
            expect(Math.exp(log) / tail).toBeCloseTo(1, 9)
            expect(tail).toBeLessThanOrEqual(Math.exp(-goal) * (1 + 1e-9))
            const lower = Math.max(...[...scores.keys()].filter((value) => value < score))
            expect(tailOf(scores, lower)).toBeGreaterThan(Math.exp(-goal) * (1 - 1e-9))
        })
        fc.assert(check, { numRuns: 300 })
    })

    test("of many slots is close to the normal distribution, and costs a fraction of Chernoff's bound", () => {
        const many = [{ count: 4000, chance: 0.5, fit: step, other: -step }]
        const { score, log } = rareScore(many, Math.log(1e6))
        const deviations = score / step / Math.sqrt(4000)
        expect(deviations).toBeGreaterThan(4.7)
        expect(deviations).toBeLessThan(4.8)
        expect(log).toBeLessThanOrEqual(-Math.log(1e6))
        const tilt = tiltFor(many, Math.log(1e6)) ?? 0
        expect(log).toBeLessThan(cumulant(many, tilt) - tilt * score - Math.log(10))
        expect(Math.abs(logTail(many, score - step) - log)).toBeLessThan(0.1)
    })

    test("is just above the next lower score when only the rarest score is rare enough", () => {
        const apart = [
            { count: 20, chance: 1 / 256, fit: 20, other: -step },
            { count: 1, chance: 0.5, fit: -step, other: 3 },
        ]
        const { score, log } = rareScore(apart, -logRarest(apart) - 1e-6)
        expect(score).toBe(400)
        expect(log).toBeCloseTo(logRarest(apart), 9)
    })
})
