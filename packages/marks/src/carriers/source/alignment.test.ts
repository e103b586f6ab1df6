import * as fc from "fast-check"
import { expect, test } from "vitest"
import { numberWords } from "../../align.ts"
import { type AlignmentPath, findPaths } from "./alignment.ts"
import type { Graph, Node } from "./graph.ts"

/** Words, each worth three where it fits; two are lost for each that is passed over, on either side, or renamed. */
const wordAt = (n: number): string => `word${n}`
const [worth, lost] = [3, 2]

/** Branches of other lengths, one after the other, which part and join again, as masters do. */
function graphOfBranches(parts: readonly (readonly (readonly number[])[])[]): Graph {
    const nodes: Node[] = []
    let ends: number[] = [-1]
    for (const branches of parts) {
        ends = branches.flatMap((branch) => {
            let before = ends
            for (const n of branch) before = [nodes.push({ text: wordAt(n), choices: null, before, site: null }) - 1]
            return before
        })
        ends = [...new Set(ends)]
    }
    return { nodes, sites: [] }
}

const chainOf = (words: readonly number[]): Graph => graphOfBranches(words.map((word) => [[word]]))

function scoreOf(way: AlignmentPath): number {
    const [first, last] = [way.find(({ at }) => at >= 0)?.at ?? 0, way.findLast(({ at }) => at >= 0)?.at ?? -1]
    const exact = way.filter((step) => step.exact).length
    const passed = last + 1 - first - way.filter(({ at }) => at >= 0).length
    return worth * exact - lost * (way.length - exact) - lost * passed
}

/** The best score of all ways, tried out in full. */
function bestScore({ nodes }: Graph, leak: readonly string[]): number {
    let best = 0
    let above = nodes.map(() => 0)
    for (const token of leak) {
        const row: number[] = []
        for (const [n, node] of nodes.entries()) {
            const gain = node.text === token ? worth : -lost
            const from = node.before.flatMap((value) => [(above[value] ?? 0) + gain, (row[value] ?? 0) - lost])
            row.push(Math.max(0, (above[n] ?? 0) - lost, ...from))
        }
        best = Math.max(best, ...row)
        above = row
    }
    return best
}

const wordRange = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
const foreign = (count: number): string[] => Array.from({ length: count }, (_, i) => `foreign${i}`)
const parts = fc.array(fc.array(fc.array(fc.nat(200), { maxLength: 5 }), { minLength: 1, maxLength: 3 }), {
    minLength: 8,
    maxLength: 150,
})

test("the alignment has the best score, and its steps add up to it", () => {
    fc.assert(
        fc.property(parts, fc.infiniteStream(fc.nat(99)), (entries, dice) => {
            const graph = graphOfBranches(entries)
            const roll = (): number => Number(dice.next().value)
            const leak = entries
                .flatMap((branches) => branches[roll() % branches.length] ?? [])
                .flatMap((word) => (roll() < 5 ? [] : roll() < 5 ? [wordAt(word), wordAt(roll())] : [wordAt(word)]))
            const best = bestScore(graph, leak)
            fc.pre(best >= 50)
            const scores = findPaths(graph, numberWords(leak)).map(scoreOf)
            expect(Math.max(...scores)).toBe(best)
        }),
        { numRuns: 100 },
    )
})

test.each([
    { passed: 100, ways: [[0, 599]] },
    {
        passed: 200,
        ways: [
            [0, 299],
            [300, 599],
        ],
    },
])("$passed foreign words between: the alignment has the nodes $ways", ({ passed, ways }) => {
    const leak = [...wordRange(0, 300).map(wordAt), ...foreign(passed), ...wordRange(300, 600).map(wordAt)]
    const found = findPaths(chainOf(wordRange(0, 600)), numberWords(leak))
    expect(found.map((way) => [way[0]?.node, way.at(-1)?.node]).toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0))).toEqual(
        ways,
    )
    expect(found.every((way) => way.every(({ exact }) => exact))).toBe(true)
})

test("a long and a short part in swapped order are both found", () => {
    const leak = [...wordRange(560, 600), ...wordRange(0, 520)].map(wordAt)
    const found = findPaths(chainOf(wordRange(0, 600)), numberWords(leak))
    expect(found.map((way) => [way[0]?.node, way.at(-1)?.node])).toEqual([
        [0, 519],
        [560, 599],
    ])
})
