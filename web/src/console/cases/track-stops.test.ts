import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { stopsOf, xOf } from "./track-stops.ts"

const openedAt = parseInstant("2025-06-09T20:00:00Z")
const wave = { at: "2025-06-24T17:00:00Z", releasedAt: null, recipients: 0, notified: 0, tier: "validate" } as const

describe("the stops of a track", () => {
    test.each([
        [{ state: "released", releasedAt: wave.at, recipients: 4, notified: 3 }, "done", "3 of 4 notified"],
        [{ state: "released", releasedAt: wave.at }, "done", "released"],
        [{ state: "approved" }, "ahead", "approved"],
        [{ state: "requested" }, "due", "waits for a signature"],
        [{ state: "planned" }, "due", "planned"],
        [{ state: "approval_voided" }, "wrong", "approval voided"],
        [{ state: "due" }, "wrong", "overdue"],
        [{ state: "frozen", releasedAt: wave.at, recipients: 4, notified: 4 }, "wrong", "frozen"],
    ] as const)("show %j as %s", (changed, state, note) => {
        const [, stop] = stopsOf({ openedAt, waves: [{ ...wave, ...changed }], exploited: [] })
        expect(stop).toMatchObject({ name: "Validate", state, note })
    })

    test("are in order, with exploitation between them and without waves that have no instant", () => {
        const waves = [
            { ...wave, state: "approved" },
            { ...wave, tier: "advance", at: "2025-07-03T17:00:00Z", state: "approved" },
            { ...wave, tier: "entry", at: null, state: "planned" },
        ] as const
        const stops = stopsOf({ openedAt, waves, exploited: ["2025-06-30T02:51:00Z"] })
        expect(stops.map(({ name }) => name)).toEqual(["Opened", "Validate", "Exploited", "Advance"])
    })

    test("lie within the drawing and keep the order of time", () => {
        const hour = fc.integer({ min: 1, max: 5_000 })
        fc.assert(
            fc.property(fc.array(hour, { minLength: 1, maxLength: 4 }), hour, hour, (hours, first, second) => {
                const waves = hours.map((h) => ({
                    ...wave,
                    state: "approved" as const,
                    at: formatInstant(openedAt + h * 3_600_000),
                }))
                const stops = stopsOf({ openedAt, waves, exploited: [] })
                const [early, late] = [Math.min(first, second), Math.max(first, second)]
                const [a, b] = [early, late].map((h) => xOf(stops, openedAt + h * 3_600_000, 1000))
                expect(a).toBeLessThanOrEqual(b ?? 0)
                expect(a).toBeGreaterThanOrEqual(8)
                expect(b).toBeLessThanOrEqual(992)
            }),
        )
    })
})
