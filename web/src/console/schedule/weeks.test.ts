import { formatInstant, parseInstant } from "@tocsin/base/instant"
import { expect, test } from "vitest"
import { byDay, startOfDay, weeksOf } from "./weeks.ts"

const at = (text: string) => parseInstant(text)

test("weeks start on Monday and reach to the last instant", () => {
    const weeks = weeksOf(at("2025-07-05T12:00:00Z"), [at("2025-07-08T17:00:00Z"), at("2025-07-14T00:00:00Z")], 8)
    expect(weeks.map(([monday = 0]) => formatInstant(monday).slice(0, 10))).toEqual([
        "2025-06-30",
        "2025-07-07",
        "2025-07-14",
    ])
    expect(weeksOf(at("2025-07-05T12:00:00Z"), [at("2026-07-08T17:00:00Z")], 8)).toHaveLength(8)
})

test("instants are grouped by the start of their day in UTC", () => {
    const days = byDay([{ at: "2025-07-08T00:00:00Z" }, { at: "2025-07-09T00:00:00Z" }, { at: "2025-07-08T23:59:00Z" }])
    expect(days.get(at("2025-07-08T00:00:00Z"))).toHaveLength(2)
    expect(days.get(at("2025-07-09T00:00:00Z"))).toHaveLength(1)
    expect(startOfDay(at("2025-07-08T23:59:00Z"))).toBe(at("2025-07-08T00:00:00Z"))
})
