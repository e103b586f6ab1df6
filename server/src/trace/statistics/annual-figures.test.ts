import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import type { Tier } from "../../trust/partners/partner.ts"
import { accessSharesOf, outcomes } from "./access-shares.ts"
import { type ReportedCase, annualFiguresOf } from "./annual-figures.ts"

const publishedAt = parseInstant("2025-05-20T00:00:00Z")
const notifiedAt = publishedAt - 10 * dayMs
const reported = (more: Partial<ReportedCase> = {}): ReportedCase => ({
    embargo: [{ kind: "ended", at: publishedAt }],
    publishedAt,
    acknowledged: [],
    protected: [],
    vulnerabilities: 1,
    exploited: false,
    warned: [],
    decisions: [],
    ...more,
})
const names = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `partner ${from + n}`)
const warned = (partners: readonly string[], tier: Tier = "entry") =>
    partners.map((partner) => ({ partner, tier, at: notifiedAt }))
const took = (partners: readonly string[], hours: number) =>
    partners.map((partner) => [partner, hours * hourMs] as const)
const pick = (cases: readonly ReportedCase[]) => {
    const figures = annualFiguresOf({ cases, late: [], measures: [] }, 2025, 5)
    return (id: string, category: string | null = null) =>
        figures.find((figure) => figure.id === id && figure.category === category)
}

test("counts exploited cases by month, and those whose embargo ended early", () => {
    const early = reported({
        exploited: true,
        embargo: [
            { kind: "terminated", at: publishedAt, reason: "Exploited." },
            { kind: "ended", at: publishedAt },
        ],
    })
    const find = pick([reported({ vulnerabilities: 3 }), early, reported({ exploited: true })])
    expect(find("vulnerabilities_published")?.count).toBe(5)
    expect(find("cases_exploited")?.count).toBe(2)
    expect(find("exploited_ended_early")?.count).toBe(1)
    expect(find("published_in_month", "2025-05")?.count).toBe(3)
    expect(find("exploited_in_month", "2025-05")?.count).toBe(2)
    expect(find("published_in_month", "2025-06")?.count).toBe(0)
})

describe("protection before publication", () => {
    test("is a share of the warned partners, with times by tier", () => {
        const [some, others] = [names(6), names(6, 6)]
        const find = pick([
            reported({ warned: [...warned(some, "advance"), ...warned(others)], protected: took(some, 30) }),
        ])
        expect(find("partners_warned")?.count).toBe(12)
        expect(find("protected_before_publication")?.count).toBe(50)
        expect(find("protection_by_tier", "advance")?.quartiles).toEqual({ first: 30, median: 30, third: 30 })
        expect(find("protection_by_tier", "entry")?.quartiles).toBeNull()
    })

    test("does not count protection after publication", () => {
        const find = pick([reported({ warned: warned(names(6)), protected: took(names(6), 11 * 24) })])
        expect(find("protected_before_publication")?.count).toBeNull()
        expect(find("protection_by_tier", "entry")?.quartiles).toBeNull()
    })

    test.each([
        [4, 10],
        [10, 4],
    ])("is hidden for %i protected and %i other partners", (count, rest) => {
        const find = pick([reported({ warned: warned(names(count + rest)), protected: took(names(count), 2) })])
        expect(find("protected_before_publication")?.count).toBeNull()
    })

    test("is not revealed by the difference of two counts", () => {
        const find = pick([reported({ warned: warned(names(14)), protected: took(names(10), 2) })])
        expect(find("notice_to_protection")?.count).toBe(10)
        expect(find("partners_warned")?.count).toBeNull()
    })
})

describe("access by class", () => {
    const decisions = (outcome: (typeof outcomes)[number], partners: readonly string[]) =>
        partners.map((partner) => ({ partner, class: "poc" as const, outcome }))
    const percents = (list: Parameters<typeof accessSharesOf>[0]) =>
        accessSharesOf(list, 5).map(({ percent }) => percent)

    test("gives whole percent", () => {
        expect(percents([...decisions("full", names(10)), ...decisions("withheld", names(5, 10))])).toEqual([
            67, 0, 0, 33,
        ])
    })

    test("hides few partners, also as the rest of the others", () => {
        const few = decisions("withheld", names(2, 20))
        expect(percents([...decisions("full", names(10)), ...few])).toEqual([null, 0, 0, null])
        const three = [...decisions("full", names(10)), ...decisions("reduced", names(6, 10)), ...few]
        expect(percents(three)).toEqual([56, null, 0, null])
    })

    test("A-13 no shown outcome, and no rest, is about fewer than five partners", () => {
        const decision = fc.record({
            partner: fc.constantFrom(..."abcdefghijkl"),
            class: fc.constantFrom("poc" as const, "patch" as const),
            outcome: fc.constantFrom(...outcomes),
        })
        fc.assert(
            fc.property(fc.array(decision, { maxLength: 80 }), (list) => {
                for (const [name, shares] of Map.groupBy(accessSharesOf(list, 5), (share) => share.class)) {
                    const partnersOf = (kept: readonly string[]) =>
                        new Set(
                            list
                                .filter((item) => item.class === name && kept.includes(item.outcome))
                                .map(({ partner }) => partner),
                        ).size
                    const shown = shares.filter(({ percent }) => percent !== null)
                    for (const { outcome } of shown)
                        expect([0, 5, 6, 7, 8, 9, 10, 11, 12]).toContain(partnersOf([outcome]))
                    const hidden = shares.filter(({ percent }) => percent === null).map(({ outcome }) => outcome)
                    const isAnyShown = shown.some(({ percent }) => (percent ?? 0) > 0)
                    if (hidden.length > 0 && isAnyShown) expect(partnersOf(hidden)).toBeGreaterThanOrEqual(5)
                }
            }),
        )
    })
})
