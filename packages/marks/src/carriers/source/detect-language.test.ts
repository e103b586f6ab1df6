import * as fc from "fast-check"
import { expect, test } from "vitest"
import { likelyStretches, metricOf } from "./detect-language.ts"

const costs = { gap: 2, scoreMin: 12 }
const worthOf = (id: number): number => 1 + (id % 3)

/** A chain that parts into branches of other lengths and joins again, as masters do. */
interface Chain {
    readonly before: number[][]
    readonly ids: number[][]
}

const parts = fc.array(fc.array(fc.array(fc.nat(8), { maxLength: 4 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 20,
})

function chainOf(list: readonly (readonly (readonly number[])[])[]): Chain {
    const chain: Chain = { before: [], ids: [] }
    let ends = [-1]
    for (const branches of list) {
        ends = branches.flatMap((branch) => {
            let from = ends
            for (const id of branch) {
                chain.before.push(from)
                chain.ids.push([id])
                from = [chain.ids.length - 1]
            }
            return from
        })
        ends = [...new Set(ends)]
    }
    return chain
}

/** The best local alignment, tried out in full: its score, and where in the leak it begins and ends. */
function bestOf({ before, ids }: Chain, leak: readonly number[]): { score: number; from: number; to: number } {
    const none = { score: 0, from: -1, to: -1 }
    let [best, above] = [none, before.map(() => none)]
    for (const [at, token] of leak.entries()) {
        const row: (typeof best)[] = []
        for (const [n, entries] of before.entries()) {
            const gain = ids[n]?.includes(token) ? worthOf(token) : -2
            const options = entries.flatMap((entry) => {
                const was = entry < 0 ? none : (above[entry] ?? none)
                const beside = entry < 0 ? none : (row[entry] ?? none)
                const start = was.score > 0 ? was.from : at
                return [
                    { score: was.score + gain, from: start, to: at + 1 },
                    { ...beside, score: beside.score - costs.gap },
                ]
            })
            const over = above[n] ?? none
            options.push({ ...over, score: over.score - costs.gap })
            const top = options.reduce((a, b) => (b.score > a.score ? b : a))
            row[n] = top.score > 0 ? top : none
            if (top.score > best.score) best = top
        }
        above = row
    }
    return best
}

test("text with a sufficient score is one stretch", () => {
    const leak = fc.array(fc.integer({ min: -1, max: 8 }), { maxLength: 60 })
    let counted = 0
    const check = fc.property(parts, leak, fc.nat(40), (list, around, cut) => {
        const chain = chainOf(list)
        const own = list.flatMap((branches) => branches[branches.length - 1] ?? [])
        const tokens = [...around.slice(0, cut), ...own, ...around.slice(cut)]
        const measure = metricOf(
            chain.before,
            chain.ids,
            Int8Array.from({ length: 9 }, (_, id) => worthOf(id)),
        )
        const stretches = likelyStretches(measure, Int32Array.from(tokens), [0, tokens.length], costs)
        const { score, from, to } = bestOf(chain, tokens)
        const isCounted = score >= costs.scoreMin
        counted += Number(isCounted)
        const holders = stretches.filter(([start, end]) => start <= from && to <= end)
        expect([isCounted, isCounted ? holders.length : 1]).toEqual([isCounted, 1])
        for (const [i, [start, end]] of stretches.entries()) {
            expect(end).toBeGreaterThan(start)
            expect(start).toBeGreaterThanOrEqual(stretches[i - 1]?.[1] ?? 0)
        }
    })
    fc.assert(check, { numRuns: 400 })
    expect(counted).toBeGreaterThan(100)
})

test("the master's words in another order are left out", () => {
    const length = 400
    const before = Array.from({ length }, (_, n) => [n - 1])
    const ids = Array.from({ length }, (_, n) => [n])
    const measure = metricOf(before, ids, new Int8Array(length).fill(3))
    const shuffled = Int32Array.from({ length: 4000 }, (_, i) => (i * 173) % length)
    expect(likelyStretches(measure, shuffled, [0, shuffled.length], { gap: 2, scoreMin: 50 })).toEqual([])
    shuffled.set(
        Int32Array.from({ length: 60 }, (_, i) => 100 + i),
        2000,
    )
    expect(likelyStretches(measure, shuffled, [0, shuffled.length], { gap: 2, scoreMin: 50 })).toEqual([[2000, 2060]])
})
