import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dayMs, formatInstant, hourMs, parseInstant } from "@tocsin/base/instant"
import { type Calendar, validateCalendar, nextDays } from "./calendar.ts"
import { validateOrder, scheduleOf, plannedAt, shippedSchedule, waveTiers, wavesIn } from "./wave.ts"

const publication = parseInstant("2025-07-08T17:00:00Z")

test.each([
    ["validate", "2025-06-24T17:00:00Z"],
    ["advance", "2025-07-03T17:00:00Z"],
    ["entry", "2025-07-07T17:00:00Z"],
    ["publication", "2025-07-08T17:00:00Z"],
] as const)("with the default schedule, the wave %s is due at %s", (tier, at) => {
    const wave = wavesIn(shippedSchedule).find((wave) => wave.tier === tier)
    expect(wave && plannedAt(wave, publication)).toBe(parseInstant(at))
})

test("without an embargo end there is no instant", () => {
    expect(plannedAt({ offsetMs: -14 * dayMs }, null)).toBe(null)
})

test("waves are due in listed order, and none after publication", () => {
    const offsets = wavesIn(shippedSchedule).map((wave) => wave.offsetMs)
    expect(wavesIn(shippedSchedule).map((wave) => wave.tier)).toEqual(waveTiers)
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
    expect(offsets.at(-1)).toBe(0)
    expect(new Set(offsets).size).toBe(offsets.length)
})

test("a moved publication moves its waves by the same time", () => {
    fc.assert(
        fc.property(fc.integer({ min: -90 * dayMs, max: 0 }), fc.integer(), (offsetMs, by) => {
            const before = plannedAt({ offsetMs }, publication) ?? 0
            expect(plannedAt({ offsetMs }, publication + by * hourMs)).toBe(before + by * hourMs)
        }),
    )
})

describe("a default schedule", () => {
    test.each([
        [{ validate: 336, advance: 120, entry: 24 }, shippedSchedule],
        [{ advance: 168 }, { advance: -168 * hourMs }],
        [
            { validate: 24, entry: 24 },
            { validate: -dayMs, entry: -dayMs },
        ],
        [{}, {}],
    ])("%o", (hoursBefore, plan) => {
        expect(scheduleOf(hoursBefore)).toEqual(plan)
        expect(wavesIn(scheduleOf(hoursBefore)).at(-1)).toEqual({ tier: "publication", offsetMs: 0 })
    })

    test.each([
        [{ entry: -1 }, "wave.bad_hours"],
        [{ entry: 1.5 }, "wave.bad_hours"],
        [{ entry: 91 * 24 }, "wave.bad_hours"],
    ])("%o is refused", (hoursBefore, code) => {
        expect(() => scheduleOf(hoursBefore)).toThrow(expect.objectContaining({ code }))
    })

    test.each([
        [{ validate: 24, advance: 48 }, "`validate` would be released after `advance`"],
        [{ validate: 10, entry: 11 }, "`validate` would be released after `entry`"],
        [{ advance: 1, entry: 2 }, "`advance` would be released after `entry`"],
    ])("%o is out of order, in whatever order its waves are listed", (hoursBefore, names) => {
        const waves = wavesIn(scheduleOf(hoursBefore))
        for (const entries of [waves, waves.toReversed()]) {
            expect(() => validateOrder(entries)).toThrow(
                expect.objectContaining({ code: "wave.schedule_out_of_order" }),
            )
            expect(() => validateOrder(entries)).toThrow(names)
        }
        const late = { tier: "entry", offsetMs: 1 } as const
        expect(() => validateOrder([...wavesIn({}), late])).toThrow("`entry` would be released after `publication`")
    })
})

describe("a calendar", () => {
    const patchTuesday = { name: "Patch Tuesday", nth: 2, weekday: 2, hour: 10, minute: 0, zone: "America/Los_Angeles" }
    const lastDay = { ...patchTuesday, name: "Month's end", nth: -1, weekday: 5, zone: "UTC" } as const
    const calendar: Calendar = [{ ...patchTuesday, nth: 2 }, lastDay]

    test("proposes its next days, earliest first", () => {
        const next = nextDays(calendar, parseInstant("2025-07-08T18:00:00Z"), 2)
        expect(next.map(({ name, at }) => `${name} ${formatInstant(at)}`)).toEqual([
            "Month's end 2025-07-25T10:00:00Z",
            "Patch Tuesday 2025-08-12T17:00:00Z",
            "Month's end 2025-08-29T10:00:00Z",
            "Patch Tuesday 2025-09-09T17:00:00Z",
        ])
    })

    test.each<[string, Partial<Calendar[number]>, string]>([
        ["an unknown time zone", { zone: "Pacific/Nowhere" }, "wall_time.bad_zone"],
        ["two with one name", { name: "Month's end" }, "calendar.duplicate_name"],
        ["no name", { name: " " }, "calendar.bad_name"],
        ["a name of two lines", { name: "a\nb" }, "calendar.bad_name"],
    ])("%s is refused", (_, change, code) => {
        const changed: Calendar = [{ ...patchTuesday, nth: 2, ...change }, lastDay]
        expect(() => validateCalendar(changed)).toThrow(expect.objectContaining({ code }))
        expect(() => validateCalendar(calendar)).not.toThrow()
    })
})
