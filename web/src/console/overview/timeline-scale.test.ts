import { dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { expect, test } from "vitest"
import { placeOf, timeline, timelineTicks, withNames } from "./timeline-scale.ts"

const now = parseInstant("2025-07-07T03:12:00Z")

test("two days take the near part, the rest of the month the far part, and later instants no place", () => {
    expect(placeOf(now, now)).toBe(timeline.left)
    expect(placeOf(now - hourMs, now)).toBe(timeline.left)
    expect(placeOf(now + 2 * dayMs, now)).toBe(timeline.middle)
    expect(placeOf(now + 30 * dayMs, now)).toBe(timeline.right)
    expect(placeOf(now + 31 * dayMs, now)).toBeNull()
})

test("labels are half days, then weeks", () => {
    expect(timelineTicks(now).map(({ text }) => text)).toEqual([
        "12:00",
        "8 Jul",
        "12:00",
        "10 Jul",
        "17 Jul",
        "24 Jul",
        "31 Jul",
    ])
})

test("an event too near to another has no name", () => {
    const event = (hours: number) => ({ at: now + hours * hourMs, name: "Entry", kind: "approved" as const })
    const events = [event(1), event(2), event(40)]
    expect([...withNames(events, now)]).toEqual([events[0], events[2]])
})
