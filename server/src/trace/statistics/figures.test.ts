import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import type { Embargo } from "../../share/cases/embargo.ts"
import { type StatisticsInput, type PublishedCase, figureIds, figuresOf, publicFigures, spanOf } from "./figures.ts"

const start = parseInstant("2025-05-01T00:00:00Z")
const day = (n: number) => start + n * dayMs
const whole = { year: 2025, quarter: null }

/** Agreed on the first of May, and ended after so many days. */
const kept = (days: number, ...between: Embargo): Embargo => [
    { kind: "agreed", at: start, endsAt: day(days), proposal: null },
    ...between,
    { kind: "ended", at: day(days) },
]
const published = (embargo: Embargo, more: Partial<PublishedCase> = {}): PublishedCase => {
    const publishedAt = embargo.at(-1)?.at ?? 0
    return { embargo, publishedAt, acknowledged: [], protected: [], ...more }
}
const early: Embargo = [
    { kind: "agreed", at: start, endsAt: day(60), proposal: null },
    {
        kind: "proposed",
        at: day(3),
        by: null,
        endsAt: day(5),
        terminationProposal: { trigger: "leak", owner: null },
    },
    { kind: "moved", at: day(4), endsAt: day(4), reason: "It leaked.", proposal: 1 },
    { kind: "ended", at: day(4) },
]
const broken: Embargo = [
    { kind: "agreed", at: start, endsAt: day(60), proposal: null },
    { kind: "terminated", at: day(7), reason: "It is public." },
    { kind: "ended", at: day(7) },
]
const none: StatisticsInput = { cases: [], late: [], measures: [] }
const named = (grounds: Partial<StatisticsInput>, period: Parameters<typeof figuresOf>[1] = whole, groupMin = 5) => {
    const figures = figuresOf({ ...none, ...grounds }, period, groupMin)
    return (id: string, subject: string | null = null) =>
        figures.find((figure) => figure.id === id && figure.category === subject)
}

describe("the span of a period", () => {
    test.each<[number, number | null, string, string]>([
        [2025, null, "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
        [2025, 1, "2025-01-01T00:00:00Z", "2025-04-01T00:00:00Z"],
        [2025, 4, "2025-10-01T00:00:00Z", "2026-01-01T00:00:00Z"],
    ])("%i, quarter %s", (year, quarter, from, until) => {
        expect(spanOf({ year, quarter })).toEqual({ from: parseInstant(from), until: parseInstant(until) })
    })

    test.each<[number, number | null]>([
        [1999, null],
        [2025.5, null],
        [2025, 0],
        [2025, 5],
    ])("refuses %f, %s", (year, quarter) => {
        expect(() => spanOf({ year, quarter })).toThrow(expect.objectContaining({ code: "statistics.bad_period" }))
    })
})

describe("figures of cases", () => {
    test("give lengths, outcomes and reasons of early ends", () => {
        const cases = [10, 20, 30].map((days) => published(kept(days)))
        const pick = named({ cases: [...cases, published(early), published(broken)] })
        expect(pick("cases_published")?.count).toBe(5)
        expect(pick("embargo_length")).toMatchObject({ count: 5, quartiles: { first: 7, median: 10, third: 20 } })
        expect(pick("embargoes_terminated")?.count).toBe(1)
        expect(pick("embargoes_ended_early", "leak")?.count).toBe(1)
        expect(pick("embargoes_ended_early", "exploitation")?.count).toBe(0)
    })

    test("give no length for few cases", () => {
        expect(named({ cases: [published(kept(10))] })("embargo_length")).toMatchObject({ count: 1, quartiles: null })
    })

    test("belong to the period of publication", () => {
        const cases = [published(kept(10)), published(kept(100))]
        const counts = [1, 2, 3, 4].map(
            (quarter) => named({ cases }, { year: 2025, quarter })("cases_published")?.count,
        )
        expect(counts).toEqual([0, 1, 1, 0])
        expect(named({ cases }, { year: 2024, quarter: null })("cases_published")?.count).toBe(0)
    })
})

describe("figures of partners", () => {
    const took = (count: number, hours = 2) =>
        [...Array(count).keys()].map((n): [string, number] => [`partner ${n}`, hours * hourMs])

    test.each<[number, number | null]>([
        [4, null],
        [5, 5],
    ])("show %i as %s", (count, notified) => {
        const partners = took(count).map(([partner]) => partner)
        const measures = partners.map((partner) => ({ kind: "restrict" as const, partner, at: day(1) }))
        const pick = named({
            late: partners,
            measures,
            cases: [published(kept(10), { acknowledged: took(count), protected: took(count, 30) })],
        })
        const quartiles = (hours: number) => notified && { first: hours, median: hours, third: hours }
        expect(pick("notice_to_acknowledgement")).toMatchObject({ count: notified, quartiles: quartiles(2) })
        expect(pick("notice_to_protection")).toMatchObject({ count: notified, quartiles: quartiles(30) })
        expect(pick("late_reports")?.count).toBe(notified)
        expect(pick("measures", "restrict")?.count).toBe(notified)
        expect(pick("measures", "termination")?.count).toBeNull()
    })

    test("are missing for quarters, which with their year would reveal fewer", () => {
        const figures = figuresOf(
            { ...none, cases: [published(kept(10), { acknowledged: took(9) })] },
            { year: 2025, quarter: 2 },
            5,
        )
        expect(figures.filter(({ about }) => about === "partners")).toEqual([])
    })

    test("A-13 need five partners at least, in every figure", () => {
        const partner = fc.constantFrom(..."abcdefghi")
        const times = fc.array(fc.tuple(partner, fc.nat(90)), { maxLength: 30 })
        fc.assert(
            fc.property(times, fc.array(partner, { maxLength: 9 }), (acknowledged, late) => {
                const cases = [published(kept(10), { acknowledged })]
                const measures = late.map((item) => ({ kind: "reprimand" as const, partner: item, at: day(2) }))
                for (const figure of figuresOf({ cases, late, measures }, whole, 5)) {
                    expect(figure.about === "cases" || figure.count === null || figure.count >= 5).toBe(true)
                    expect(figure.about === "cases" || figure.quartiles === null || figure.count !== null).toBe(true)
                }
            }),
        )
    })
})

test("publish only cases and times of partners", () => {
    expect(figureIds.filter((id) => !publicFigures.includes(id))).toEqual(["late_reports", "measures"])
})
