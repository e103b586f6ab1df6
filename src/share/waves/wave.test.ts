import fc from "fast-check"
import { expect, test } from "vitest"
import { dayMs, hourMs, parseInstant } from "../../lib/instant.ts"
import { plannedAt, shippedOffsets, waveTiers } from "./wave.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

test.each([
    ["validate", "2025-06-24T17:00:00Z"],
    ["advance", "2025-07-03T17:00:00Z"],
    ["entry", "2025-07-07T17:00:00Z"],
    ["publication", "2025-07-08T17:00:00Z"],
] as const)("as shipped, the wave %s falls at %s", (tier, at) => {
    expect(plannedAt({ offsetMs: shippedOffsets[tier] }, publication)).toBe(parseInstant(at))
})

test("there is no instant without an embargo's end", () => {
    expect(plannedAt({ offsetMs: -14 * dayMs }, null)).toBe(null)
})

test("waves fall in the order in which they are listed, and none after publication", () => {
    const offsets = waveTiers.map((tier) => shippedOffsets[tier])
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
    expect(offsets.at(-1)).toBe(0)
    expect(new Set(offsets).size).toBe(offsets.length)
})

test("a publication that moves takes its waves with it, by as much", () => {
    fc.assert(
        fc.property(fc.integer({ min: -90 * dayMs, max: 0 }), fc.integer(), (offsetMs, by) => {
            const before = plannedAt({ offsetMs }, publication) ?? 0
            expect(plannedAt({ offsetMs }, publication + by * hourMs)).toBe(before + by * hourMs)
        }),
    )
})
