import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type KeptFingerprints, type Seed, keepFingerprints, computeFingerprints } from "./text-fingerprints.ts"

const seed: Seed = [0x12345678, -0x1234567]
const wordRange = (from: number, count: number) => Array.from({ length: count }, (_, n) => `word${from + n}`)
const values = (entries: readonly string[], by: Seed = seed) =>
    computeFingerprints(entries, by).map(({ value }) => value)

/** Which share of what the one keeps the other has, as far as both were kept. */
function shareOf(item: KeptFingerprints, other: KeptFingerprints): number {
    const level = Math.max(item.level, other.level)
    const entries = new Set(other.prints.map(({ value }) => value))
    const prints = item.prints.filter(({ depth }) => depth >= level)
    return prints.filter(({ value }) => entries.has(value)).length / prints.length
}

describe("text fingerprints", () => {
    test("are equal for equal words, and different for each run of five", () => {
        expect(values(wordRange(0, 100))).toEqual(values(wordRange(0, 100)))
        expect(new Set(values(wordRange(0, 5000))).size).toBe(4996)
        expect(values(["a", "b"])).toHaveLength(1)
        expect(values(["a", "b"])).not.toEqual(values(["b", "a"]))
        expect(values([])).toEqual([])
        expect(values(Array.from({ length: 50 }, () => "same"))).toHaveLength(1)
    })

    test("cannot be computed without the seed", () => {
        const others = new Set(values(wordRange(0, 500), [1, 2]))
        expect(values(wordRange(0, 500)).filter((value) => others.has(value))).toEqual([])
    })

    test("are below 2^52, and half as many at each depth", () => {
        const prints = computeFingerprints(wordRange(0, 20_000), seed)
        for (const { value } of prints) expect(value >= 0 && value < 2 ** 52 && Number.isInteger(value)).toBe(true)
        const deep = [1, 2, 3, 4].map((level) => prints.filter(({ depth }) => depth >= level).length / prints.length)
        for (const [i, share] of deep.entries()) expect(share * 2 ** (i + 1)).toBeCloseTo(1, 0)
    })

    test("estimate the shares well when not all are stored", () => {
        const [long, part] = [
            computeFingerprints(wordRange(0, 40_000), seed),
            computeFingerprints(wordRange(0, 10_000), seed),
        ]
        const [some, input] = [keepFingerprints(long, 2000), keepFingerprints(part, 2000)]
        expect(some.prints.length).toBeLessThanOrEqual(2000)
        expect(some.level).toBeGreaterThan(input.level)
        expect(shareOf(input, some)).toBe(1)
        expect(Math.abs(shareOf(some, input) - 0.25)).toBeLessThan(0.05)
        expect(shareOf(some, keepFingerprints(computeFingerprints(wordRange(50_000, 10_000), seed), 2000))).toBe(0)
    })

    test("never exceed the room there is", () => {
        const text = fc.array(fc.stringMatching(/^[a-f]{1,3}$/), { maxLength: 300 })
        fc.assert(
            fc.property(text, fc.integer({ min: 1, max: 50 }), (entries, most) => {
                const prints = computeFingerprints(entries, seed)
                const { level, prints: some } = keepFingerprints(prints, most)
                expect(some.length).toBeLessThanOrEqual(most)
                expect(some.every(({ depth }) => depth >= level)).toBe(true)
            }),
        )
    })
})
