import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { type MonthlyRule, instantOf, nextInstantsOf, parseWallTime, wallTimeAt } from "./time-zone.ts"

describe("a time in a zone", () => {
    test.each([
        ["2025-07-08T10:00", "America/Los_Angeles", "2025-07-08T17:00:00Z"],
        ["2025-12-09T10:00", "America/Los_Angeles", "2025-12-09T18:00:00Z"],
        ["2025-03-09T01:59", "America/Los_Angeles", "2025-03-09T09:59:00Z"],
        ["2025-03-09T03:00", "America/Los_Angeles", "2025-03-09T10:00:00Z"],
        ["2025-07-08T00:00", "Asia/Kathmandu", "2025-07-07T18:15:00Z"],
        ["2025-10-05T01:30", "Australia/Lord_Howe", "2025-10-04T15:00:00Z"],
        ["2025-12-31T23:59", "UTC", "2025-12-31T23:59:00Z"],
        ["2025-01-01T00:30", "Pacific/Kiritimati", "2024-12-31T10:30:00Z"],
    ])("%s in %s is %s", (wall, zone, expected) => {
        expect(formatInstant(instantOf(parseWallTime(wall), zone))).toBe(expected)
    })

    test.each([
        ["2025-03-09T02:30", "America/Los_Angeles", "wall_time.skipped"],
        ["2025-03-30T02:00", "Europe/Berlin", "wall_time.skipped"],
        ["2025-11-02T01:30", "America/Los_Angeles", "wall_time.ambiguous"],
        ["2025-10-26T02:59", "Europe/Berlin", "wall_time.ambiguous"],
        ["2011-12-30T12:00", "Pacific/Apia", "wall_time.skipped"],
        ["2025-07-08T10:00", "Mars/Olympus", "wall_time.bad_zone"],
        ["2025-07-08T10:00", "", "wall_time.bad_zone"],
    ])("%s in %s: %s", (wall, zone, code) => {
        expect(() => instantOf(parseWallTime(wall), zone)).toThrow(expect.objectContaining({ code }))
    })

    test.each(["2025-02-30T10:00", "2025-07-08T24:00", "2025-07-08T10:60", "2025-07-08 10:00", "2025-7-8T10:00", ""])(
        "`%s` is not a time",
        (text) => {
            expect(() => parseWallTime(text)).toThrow(expect.objectContaining({ code: "wall_time.bad_format" }))
        },
    )

    test("there and back is the same, in every zone and at every minute that is shown once", () => {
        const zones = [
            "America/Los_Angeles",
            "Europe/Berlin",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Africa/Casablanca",
        ]
        const minute = fc
            .integer({
                min: parseInstant("1990-01-01T00:00:00Z") / 60_000,
                max: parseInstant("2037-01-01T00:00:00Z") / 60_000,
            })
            .map((minutes) => minutes * 60_000)
        fc.assert(
            fc.property(fc.constantFrom(...zones), minute, (zone, instant) => {
                const wall = wallTimeAt(instant, zone)
                try {
                    expect(instantOf(wall, zone)).toBe(instant)
                } catch (error) {
                    expect(error).toMatchObject({ code: "wall_time.ambiguous" })
                }
            }),
        )
    })
})

describe("a rule for every month", () => {
    const patchTuesday: MonthlyRule = { nth: 2, weekday: 2, hour: 10, minute: 0, zone: "America/Los_Angeles" }
    const shown = (rule: MonthlyRule, from: string, count: number) =>
        nextInstantsOf(rule, parseInstant(from), count).map(formatInstant)

    test("the second Tuesday at ten in Los Angeles, in summer and in winter", () => {
        expect(shown(patchTuesday, "2025-07-08T16:59:59Z", 6)).toEqual([
            "2025-07-08T17:00:00Z",
            "2025-08-12T17:00:00Z",
            "2025-09-09T17:00:00Z",
            "2025-10-14T17:00:00Z",
            "2025-11-11T18:00:00Z",
            "2025-12-09T18:00:00Z",
        ])
        expect(shown(patchTuesday, "2025-07-08T17:00:00Z", 1)).toEqual(["2025-08-12T17:00:00Z"])
    })

    test("the last Friday", () => {
        const lastFriday: MonthlyRule = { nth: -1, weekday: 5, hour: 0, minute: 0, zone: "UTC" }
        expect(shown(lastFriday, "2025-01-01T00:00:00Z", 3)).toEqual([
            "2025-01-31T00:00:00Z",
            "2025-02-28T00:00:00Z",
            "2025-03-28T00:00:00Z",
        ])
    })

    test("a month whose clocks skip the time has none", () => {
        const skipped: MonthlyRule = { nth: 2, weekday: 0, hour: 2, minute: 30, zone: "America/Los_Angeles" }
        expect(shown(skipped, "2025-02-10T00:00:00Z", 2)).toEqual(["2025-04-13T09:30:00Z", "2025-05-11T09:30:00Z"])
    })
})
