import { parseInstant } from "@tocsin/base/instant"
import { expect, test } from "vitest"
import { type CaseRecords, figuresOf, median, progressOf, stepsOf } from "./progress.ts"

const [day1, day2, day3] = ["2025-07-01T00:00:00Z", "2025-07-02T00:00:00Z", "2025-07-03T00:00:00Z"] as const
const dayMs = 86_400_000

const decisionOf = (...waves: readonly string[]) =>
    ({ from: waves.length === 0 ? null : day1, waves }) as unknown as CaseRecords["entitlements"][number]["decision"]

const records: CaseRecords = {
    waves: [
        { tier: "validate", releasedAt: day1, unnotified: [] },
        { tier: "advance", releasedAt: day2, unnotified: [{ partner: "late", reason: "no_address" }] },
        { tier: "publication", releasedAt: null, unnotified: [] },
    ],
    entitlements: [
        { partner: "late", decision: decisionOf("advance", "publication") },
        { partner: "first", decision: decisionOf("validate", "publication") },
        { partner: "public", decision: decisionOf("publication") },
        { partner: "never", decision: decisionOf() },
    ],
    fetched: [
        { partner: "first", at: day2 },
        { partner: "first", at: day3 },
        { partner: "gone", at: day3 },
    ],
    acknowledged: [{ partner: "first", at: day2 }],
    protections: [
        { partner: "first", state: "protected", since: day3, reportedAt: day3 },
        { partner: "late", state: "in_progress", since: null, reportedAt: day3 },
    ],
}

test("partners stand in the wave that warned them; partners that get nothing yet are left out", () => {
    const progress = progressOf(records)
    expect(progress.map(({ partner, tier }) => [partner, tier])).toEqual([
        ["first", "validate"],
        ["late", "advance"],
        ["gone", "advance"],
    ])
    expect(progress[0]).toMatchObject({ isNotified: true, fetchedAt: parseInstant(day2), protection: "protected" })
    expect(progress[1]).toMatchObject({ isNotified: false, fetchedAt: null, protectedAt: null })
})

test("figures count warned partners, and protection before exploitation only", () => {
    const progress = progressOf(records)
    const publicationAt = parseInstant("2025-07-10T00:00:00Z")
    expect(figuresOf({ progress, exploitedAt: null, publicationAt })).toEqual({
        headStartMs: 9 * dayMs,
        isExploited: false,
        warned: 3,
        fetched: 2,
        protected: 1,
        medianMs: 2 * dayMs,
    })
    const exploited = figuresOf({ progress, exploitedAt: parseInstant(day2), publicationAt })
    expect(exploited).toMatchObject({ headStartMs: dayMs, protected: 0, isExploited: true })
    expect(figuresOf({ progress: [], exploitedAt: null, publicationAt }).headStartMs).toBeNull()
})

test("a median of none is null, of two their mean", () => {
    expect([median([]), median([3]), median([1, 4]), median([9, 1, 2])]).toEqual([null, 3, 2.5, 2])
})

test("steps join equal instants", () => {
    const [a, b] = [parseInstant(day1), parseInstant(day2)]
    expect(stepsOf([b, a, null, b])).toEqual([
        { at: a, count: 1 },
        { at: b, count: 3 },
    ])
})
