import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { groupCount, mediansPerPartner, quantile, quartilesOf } from "./quartiles.ts"

const values = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 40 })

describe("quantiles", () => {
    test.each<[number[], number, number]>([
        [[7], 0.25, 7],
        [[1, 2, 3, 4], 0.5, 2.5],
        [[4, 1, 3, 2], 0.25, 1.75],
        [[1, 2, 3, 4, 5], 0.75, 4],
    ])("of %j at %f: %f", (items, part, expected) => {
        expect(quantile(items, part)).toBe(expected)
    })

    test("lie within the values, rise, ignore order, and divide the values", () => {
        fc.assert(
            fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (items, part) => {
                const at = quantile(items, part)
                expect(at).toBeGreaterThanOrEqual(Math.min(...items))
                expect(at).toBeLessThanOrEqual(quantile(items, 1))
                expect(quantile(items.toReversed(), part)).toBe(at)
                expect(items.filter((item) => item < at).length).toBeLessThanOrEqual(
                    Math.ceil((items.length - 1) * part),
                )
            }),
        )
    })

    test("are whole numbers, for groups only", () => {
        fc.assert(
            fc.property(values, fc.integer({ min: 5, max: 20 }), (items, groupMin) => {
                const quartiles = quartilesOf(items, groupMin)
                expect(quartiles === null).toBe(items.length < groupMin)
                const list = quartiles === null ? [] : [quartiles.first, quartiles.median, quartiles.third]
                expect(list.every(Number.isInteger)).toBe(true)
                expect(list).toEqual(list.toSorted((a, b) => a - b))
            }),
        )
        expect(quartilesOf([], 0)).toBeNull()
    })
})

test("count a partner once, however often it reports", () => {
    expect(
        mediansPerPartner([
            ["a", 1],
            ["a", 9],
            ["b", 4],
            ["a", 5],
        ]),
    ).toEqual([5, 4])
    expect(groupCount(["a", "b", "a", "c", "d"], 5)).toBeNull()
    expect(groupCount(["a", "b", "e", "c", "d"], 5)).toBe(5)
    expect(groupCount([], 5)).toBeNull()
})
