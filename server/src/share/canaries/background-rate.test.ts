import fc from "fast-check"
import { expect, test } from "vitest"
import { upperBound } from "@tocsin/marks/bundle/error-rate"
import { backgroundRates } from "./background-rate.ts"

test.each([
    ["none of twenty", 0, 20, 0.1391],
    ["none of a thousand: rule of three", 0, 1000, 0.002991],
    ["one of twenty", 1, 20, 0.2161],
    ["three of a hundred", 3, 100, 0.0757],
    ["half of a hundred", 50, 100, 0.5864],
    ["all", 20, 20, 1],
    ["no decoys give no estimate", 0, 0, 1],
])("%s", (_, touched, total, expected) => {
    expect(upperBound(touched, total)).toBeCloseTo(expected, 4)
})

test("more touched decoys, or fewer decoys, never lower the estimate", () => {
    fc.assert(
        fc.property(fc.nat(40), fc.integer({ min: 1, max: 2000 }), (touched, total) => {
            const bound = upperBound(touched, total)
            expect(bound).toBeGreaterThanOrEqual(Math.min(1, touched / total))
            expect(upperBound(touched + 1, total)).toBeGreaterThanOrEqual(bound)
            expect(upperBound(touched, total + 1)).toBeLessThanOrEqual(bound + 1e-12)
        }),
    )
})

test("each likely source has its own estimate, from decoys only", () => {
    const hosts = [
        { decoy: true, names: 100 },
        { decoy: false, names: 40 },
    ]
    const touched = [
        { likelySource: "resolver", decoy: true, touched: 10 },
        { likelySource: "resolver", decoy: false, touched: 5 },
        { likelySource: "browser", decoy: false, touched: 2 },
    ] as const
    const found = backgroundRates(hosts, touched)
    expect(found.find(({ likelySource }) => likelySource === "resolver")).toMatchObject({
        touched: 10,
        decoys: 100,
        namesTouched: 5,
    })
    const human = found.find(({ likelySource }) => likelySource === "browser")
    expect(human).toMatchObject({ touched: 0, names: 40, namesTouched: 2 })
    expect(human?.max).toBeCloseTo(0.0295, 3)
    expect(human?.expectedMax).toBeCloseTo(1.18, 1)
})
