import { expect, test } from "vitest"
import { partnersWithoutReport, sightingCounts } from "./sighting-counts.ts"

const sighting = { partner: "a", observedAt: "2026-10-02T00:00:00Z", zeroReportSince: null, withdrawnAt: null }
const zeroReport = { ...sighting, zeroReportSince: "2026-10-01T00:00:00Z" }

test("each partner counts once for each kind of report", () => {
    const earlier = { ...sighting, observedAt: "2026-10-01T12:00:00Z" }
    expect(sightingCounts([sighting, earlier, zeroReport, { ...zeroReport, partner: "b" }])).toEqual({
        saw: 1,
        firstAt: earlier.observedAt,
        foundNone: 2,
    })
})

test("a withdrawn report counts no longer", () => {
    const withdrawnAt = "2026-10-03T00:00:00Z"
    expect(
        sightingCounts([
            { ...sighting, withdrawnAt },
            { ...zeroReport, withdrawnAt },
        ]),
    ).toEqual({ saw: 0, firstAt: null, foundNone: 0 })
})

test("a waived follow-up lacks no report", () => {
    const followUp = { partner: "a", state: "due", sightingAt: null } as const
    expect(
        partnersWithoutReport([
            followUp,
            { ...followUp, state: "overdue" },
            { ...followUp, partner: "b", state: "waived" },
            { ...followUp, partner: "c", sightingAt: "2026-10-02T00:00:00Z" },
        ]),
    ).toBe(1)
})
