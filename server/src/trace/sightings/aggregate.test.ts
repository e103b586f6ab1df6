import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type CountedBand, bandOf, countDifferences, isStable, nextBand, noBand } from "./aggregate.ts"

describe("a band", () => {
    test.each<[count: number, holders: number, groupMin: number, band: string | null]>([
        [4, 100, 5, null],
        [5, 100, 5, "5–9"],
        [9, 100, 5, "5–9"],
        [10, 100, 5, "10–24"],
        [1000, 2000, 5, "1000 or more"],
        [5, 9, 5, null],
        [5, 10, 5, "5–9"],
        [96, 100, 5, null],
        [7, 100, 7, "7–24"],
        [100, 300, 100, "100–249"],
        [0, 100, 5, null],
    ])("%i of %i, in groups of %i: %s", (count, holders, groupMin, band) => {
        expect(bandOf(count, holders, groupMin)).toBe(band)
    })

    test("contains and leaves out a group, and has a middle where one more or less gives the same band", () => {
        const some = fc.tuple(fc.nat(400), fc.nat(400), fc.integer({ min: 5, max: 100 }))
        fc.assert(
            fc.property(some, ([count, others, groupMin]) => {
                const band = bandOf(count, count + others, groupMin)
                expect(band !== null).toBe(count >= groupMin && others >= groupMin)
                const middles = [...Array(400).keys()].filter(
                    (value) =>
                        isStable(value, 2000, groupMin) &&
                        bandOf(value, 2000, groupMin) === bandOf(count, 2000, groupMin),
                )
                expect(middles.length).toBeGreaterThan(0)
            }),
        )
    })
})

/** Partners are numbers: which hold, and which of them report. */
interface World {
    readonly holders: ReadonlySet<string>
    readonly reports: ReadonlySet<string>
}

const partners = [...Array(30).keys()].map(String)
const world = fc
    .tuple(fc.subarray(partners), fc.subarray(partners))
    .map(([holders, reports]): World => ({ holders: new Set(holders), reports: new Set(reports) }))
const group = fc.constantFrom(5, 6, 9)

const run = (before: CountedBand, { holders, reports }: World, groupMin: number): CountedBand =>
    nextBand(before, new Set([...reports].filter((item) => holders.has(item))), holders.size, groupMin)

const without = ({ holders, reports }: World, partner: string): World => ({
    holders,
    reports: new Set([...reports].filter((item) => item !== partner)),
})

const gone = (world: World, partner: string): World => ({
    ...without(world, partner),
    holders: new Set([...world.holders].filter((item) => item !== partner)),
})

describe("the shown band", () => {
    test.each<[string, number[], (string | null)[]]>([
        ["nothing of four, however long they stay", [4, 4, 4], [null, null, null]],
        ["nothing at the edge, and a band past it", [5, 6], [null, "5–9"]],
        ["the same until a group has changed", [6, 10], ["5–9", "5–9"]],
        ["the next band once it has, and not at its edge", [6, 10, 11], ["5–9", "5–9", "10–24"]],
        ["nothing once a group has taken it back", [6, 2, 1], ["5–9", "5–9", null]],
    ])("is %s", (_, counts, expected) => {
        let state = noBand
        const bands = counts.map((count) => {
            state = run(state, { holders: new Set(partners), reports: new Set(partners.slice(0, count)) }, 5)
            return state.band
        })
        expect(bands).toEqual(expected)
    })

    test("A-13 is the same with and without one partner's report, or is unchanged", () => {
        fc.assert(
            fc.property(world, world, group, fc.constantFrom(...partners), (before, now, groupMin, partner) => {
                const known = run(noBand, before, groupMin)
                const item = run(known, now, groupMin).band
                for (const other of [without(now, partner), gone(now, partner)]) {
                    const band = run(known, other, groupMin).band
                    expect(band === item || band === known.band || item === known.band).toBe(true)
                }
            }),
        )
    })

    test("A-13 changes only after a group of partners reports something else", () => {
        fc.assert(
            fc.property(fc.array(world, { maxLength: 12 }), group, (days, groupMin) => {
                let state = noBand
                for (const day of days) {
                    const next = run(state, day, groupMin)
                    expect(next.band === state.band || countDifferences(next.basis, state.basis) >= groupMin).toBe(true)
                    expect(next.band === null || next.basis.size > groupMin).toBe(true)
                    state = next
                }
            }),
        )
    })
})
