import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type LeakResult, combineEvidence } from "./cross-case.ts"

const leak = (document: string, tests: number, log10e: Readonly<Record<string, number>>): LeakResult => ({
    document,
    tests,
    log10e: new Map(Object.entries(log10e)),
})
const pick = (leaks: readonly LeakResult[], recipient: string, alpha = 1e-3) =>
    combineEvidence(leaks, alpha).ranking.find((item) => item.recipient === recipient)

describe("combined leaks", () => {
    test("of different versions multiply, less the cost of choosing each version", () => {
        const leaks = [leak("a:1", 1, { acme: 2, globex: -1 }), leak("b:1", 10, { acme: 3.5, globex: 0 })]
        expect(pick(leaks, "acme")).toMatchObject({ log10e: 4.5, documents: 2, identified: true })
        expect(pick(leaks, "globex")).toMatchObject({ log10e: -2, documents: 2, identified: false })
        expect(combineEvidence(leaks, 1e-3).threshold).toBeCloseTo(Math.log10(2 / 1e-3), 12)
    })

    test("of one version are one: a repeated leak adds no evidence", () => {
        expect(pick([leak("a:1", 1, { acme: 2 }), leak("a:1", 1, { acme: 2 })], "acme")?.log10e).toBeCloseTo(2, 12)
        const mean = pick([leak("a:1", 1, { acme: 2 }), leak("a:1", 1, { acme: -5 })], "acme")
        expect(mean?.log10e).toBeCloseTo(Math.log10(50), 4)
    })

    test("say nothing of a partner without a copy of the leak", () => {
        const leaks = [leak("a:1", 1, { acme: 2, globex: 1 }), leak("b:1", 1, { globex: 1 })]
        expect(pick(leaks, "acme")).toMatchObject({ log10e: 2, documents: 1 })
        expect(combineEvidence([], 1e-3)).toEqual({ threshold: 3, ranking: [] })
    })

    test("have expectation 1 for an innocent recipient, for any candidates and repeated leaks", () => {
        const chance = fc.record({
            document: fc.constantFrom("a", "b", "c"),
            p: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        })
        fc.assert(
            fc.property(fc.array(chance, { minLength: 1, maxLength: 5 }), (bets) => {
                // Each document's word is one coin; a bet on it pays 1/p or nothing, nearly.
                const documents: string[] = [...new Set(bets.map(({ document }) => document))]
                const coins = new Map(
                    documents.map((item) => [item, bets.find(({ document }) => document === item)?.p ?? 0.5]),
                )
                let expectation = 0
                for (let faces = 0; faces < 2 ** documents.length; faces++) {
                    const falls = (item: string) => ((faces >> documents.indexOf(item)) & 1) === 1
                    const leaks = bets.map(({ document }) => {
                        const p = coins.get(document) ?? 0.5
                        return leak(document, 1, { me: Math.log10(falls(document) ? 0.9 / p : 0.1 / (1 - p)) })
                    })
                    const weight = documents.reduce(
                        (w, item) => w * (falls(item) ? (coins.get(item) ?? 0.5) : 1 - (coins.get(item) ?? 0.5)),
                        1,
                    )
                    expectation += weight * 10 ** (pick(leaks, "me")?.log10e ?? 0)
                }
                expect(expectation).toBeCloseTo(1, 9)
            }),
        )
    })
})
