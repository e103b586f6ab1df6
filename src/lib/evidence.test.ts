import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Symbol, Word } from "./carriers/carrier.ts"
import { log10Reach, rank } from "./evidence.ts"

/** A small seeded generator (mulberry32): whole numbers below `size`. */
function dice(seed: number): (size: number) => number {
    let state = seed
    return (size) => {
        state = (state + 0x6d2b79f5) | 0
        let t = Math.imul(state ^ (state >>> 15), 1 | state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * size)
    }
}

const draw = (sizes: readonly number[], roll: (size: number) => number): Word => sizes.map(roll)

function partners(count: number, sizes: readonly number[], roll: (size: number) => number): Map<string, Word> {
    return new Map(Array.from({ length: count }, (_, i) => [`p${i}`, draw(sizes, roll)]))
}

/** Every word there is over these sizes. */
function everyWord(sizes: readonly number[]): number[][] {
    return sizes.reduce<number[][]>(
        (words, size) => words.flatMap((word) => Array.from({ length: size }, (_, symbol) => [...word, symbol])),
        [[]],
    )
}

const majority = (words: readonly Word[], roll: (size: number) => number): number[] =>
    (words[0] ?? []).map((first, i) => {
        const [a, b, c] = words.map((word) => word[i] ?? 0)
        return b === c ? (b ?? first) : a === b || a === c ? first : ([a, b, c][roll(3)] ?? first)
    })

/** How a leak may come about; none looks at an innocent's word. Each gets the words of three colluders. */
const attacks: Readonly<Record<string, (words: readonly Word[], roll: (size: number) => number) => Symbol[]>> = {
    "one copy": ([a = []]) => [...a],
    "the majority of three": majority,
    "a coin among three": (words, roll) => (words[0] ?? []).map((_, i) => words[roll(3)]?.[i] ?? 0),
    "the first variant everywhere": ([a = []]) => a.map(() => 0),
    "an excerpt of 15": ([a = []]) => a.map((symbol, i) => (i >= 20 && i < 35 ? symbol : null)),
    "whatever differs is erased": ([a = [], b = []]) => a.map((symbol, i) => (symbol === b[i] ? symbol : null)),
    "one copy, a fifth rewritten": ([a = []], roll) => a.map((symbol) => (roll(5) === 0 ? roll(2) : symbol)),
}

describe("an e-value", () => {
    test("has expectation exactly 1 for an innocent, whatever was leaked and whoever else there is", () => {
        const sizes = [2, 3, 2, 2, 4, 2]
        const words = everyWord(sizes)
        const roll = dice(1)
        const leaks: Symbol[][] = [
            ...Array.from({ length: 4 }, () => [...draw(sizes, roll)]),
            [0, 2, null, 1, 3, "mixed"],
            [1, 1, 1, 1, null, 0],
        ]
        for (const leak of leaks) {
            for (const others of [0, 1, 5, 30]) {
                const rest = partners(others, sizes, roll)
                if (others > 0)
                    rest.set(
                        "p0",
                        leak.map((symbol) => (typeof symbol === "number" ? symbol : 0)),
                    )
                const values = words.map((word) => {
                    const { ranking } = rank(leak, sizes, new Map([...rest, ["innocent", word]]), 0.05)
                    return 10 ** (ranking.find((one) => one.recipient === "innocent")?.log10e ?? 0)
                })
                expect(values.reduce((sum, value) => sum + value, 0) / words.length).toBeCloseTo(1, 9)
            }
        }
    })

    test.each(Object.keys(attacks))("accuses an innocent at most as often as alpha says: %s", (name) => {
        const roll = dice(name.length)
        const sizes = Array.from({ length: 60 }, (_, i) => (i % 5 === 4 ? 3 : 2))
        const alpha = 0.05
        const leaks = 300
        let inside = 0
        let outside = 0
        for (let n = 0; n < leaks; n++) {
            const colluders = Array.from({ length: 3 }, () => draw(sizes, roll))
            const innocents = partners(12, sizes, roll)
            const leak = attacks[name]?.(colluders, roll) ?? []
            if (rank(leak, sizes, innocents, alpha).accused.length > 0) outside++
            const all = new Map([...innocents, ...colluders.map((word, i) => [`guilty${i}`, word] as const)])
            if (rank(leak, sizes, all, alpha).accused.some((one) => one.startsWith("p"))) inside++
        }
        expect(outside).toBeLessThanOrEqual(alpha * leaks)
        expect(inside).toBeLessThanOrEqual(alpha * leaks)
    })
})

describe("the power to name", () => {
    test("16 clean binary slots name one of 12 at 1e-3, and 13 do not", () => {
        const roll = dice(3)
        for (const [slots, verdict] of [
            [16, "traced"],
            [13, "undecided"],
        ] as const) {
            const sizes = new Array<number>(slots).fill(2)
            const words = partners(11, sizes, roll)
            const leaker = draw(sizes, roll)
            const found = rank(leaker, sizes, new Map([...words, ["leaker", leaker]]), 1e-3)
            expect(found.verdict).toBe(verdict)
            expect(found.accused).toEqual(verdict === "traced" ? ["leaker"] : [])
            expect(found.ranking[0]?.recipient).toBe("leaker")
        }
    })

    test("60 binary slots, a tenth of them wrong, name one of 100 at 1e-3 nearly always", () => {
        const roll = dice(4)
        const sizes = new Array<number>(60).fill(2)
        let named = 0
        for (let n = 0; n < 100; n++) {
            const words = partners(100, sizes, roll)
            const leak = (words.get("p7") ?? []).map((symbol) => (roll(10) === 0 ? 1 - symbol : symbol))
            if (rank(leak, sizes, words, 1e-3).accused.includes("p7")) named++
        }
        expect(named).toBeGreaterThanOrEqual(90)
    })

    test("two merged copies are named together once enough slots are read", () => {
        const roll = dice(5)
        const sizes = new Array<number>(260).fill(2)
        const words = partners(20, sizes, roll)
        const [a = [], b = []] = [words.get("p3"), words.get("p11")]
        const leak = a.map((symbol, i) => (roll(2) === 0 ? symbol : (b[i] ?? 0)))
        const found = rank(leak, sizes, words, 1e-3)
        expect(found.accused.toSorted()).toEqual(["p11", "p3"])
        expect(found.together.map((pair) => pair.recipients.toSorted())).toEqual([["p11", "p3"]])
        expect(rank(a, sizes, words, 1e-3).together).toEqual([])
    })

    test("what a whole copy reaches is what its owner gets when he is alone", () => {
        const sizes = [2, 2, 3, 4, 2, 2, 2]
        const word = [0, 1, 2, 3, 0, 0, 1]
        const found = rank(word, sizes, new Map([["acme", word]]), 0.05)
        expect(found.ranking[0]?.log10e).toBeGreaterThanOrEqual(log10Reach(sizes))
        expect(log10Reach(new Array<number>(4000).fill(2))).toBeGreaterThan(1100)
    })
})

describe("findings", () => {
    const sizes = [2, 2, 2, 2, 2, 2]
    const words = new Map([
        ["acme", [0, 1, 0, 1, 0, 1]],
        ["globex", [1, 1, 0, 0, 0, 1]],
    ])

    test.each<[string, Symbol[], string, object]>([
        ["nothing read", [null, null, null, null, null, null], "unrelated", { read: 0, erased: 6, mixed: 0 }],
        ["two by accident", [0, null, null, 1, null, null], "unrelated", { read: 2, erased: 4, mixed: 0 }],
        ["too few to name", [0, 1, 0, 1, 0, 1], "undecided", { read: 6, erased: 0, mixed: 0 }],
        [
            "mixed ones count as seen",
            [0, "mixed", "mixed", 1, null, null],
            "undecided",
            { read: 2, erased: 2, mixed: 2 },
        ],
        ["no such variant", [0, 1, 2, -1, null, null], "unrelated", { read: 2, erased: 4, mixed: 0 }],
    ])("%s", (_, symbols, verdict, slots) => {
        const found = rank(symbols, sizes, words, 1e-3)
        expect(found.verdict).toBe(verdict)
        expect(found.slots).toEqual({ total: 6, ...slots })
    })

    test("rank everybody once, best first, and never depend on the order of suspects", () => {
        const symbol = fc.constantFrom<Symbol[]>(0, 1, null, "mixed")
        const symbols = fc.array(symbol, { minLength: 6, maxLength: 6 })
        const others = fc.array(fc.array(fc.nat(1), { minLength: 6, maxLength: 6 }), { maxLength: 30 })
        fc.assert(
            fc.property(symbols, others, (read, more) => {
                const all = [...words, ...more.map((word, i) => [`p${i}`, word] as const)]
                const found = rank(read, sizes, new Map(all), 0.01)
                const backwards = rank(read, sizes, new Map(all.toReversed()), 0.01)
                const scores = found.ranking.map((one) => one.log10e)
                expect(scores).toEqual(scores.toSorted((a, b) => b - a))
                expect(new Set(found.ranking.map((one) => one.recipient)).size).toBe(all.length)
                for (const one of found.ranking) {
                    const again = backwards.ranking.find(({ recipient }) => recipient === one.recipient)
                    expect(again?.log10e).toBeCloseTo(one.log10e, 6)
                }
            }),
        )
    })
})
