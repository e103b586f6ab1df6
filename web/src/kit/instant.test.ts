import { describe, expect, test } from "vitest"
import { parseInstant } from "@tocsin/base/instant"
import { distance, hereOf, wordsOf } from "./instant.tsx"

describe("instants in words", () => {
    const now = "2025-07-08T17:00:00Z"
    test.each([
        ["2025-07-08T17:00:59Z", "now"],
        ["2025-07-08T17:01:00Z", "in 1 min"],
        ["2025-07-08T19:30:00Z", "in 2 h 30 min"],
        ["2025-07-11T21:05:00Z", "in 3 d 4 h"],
        ["2025-07-22T17:00:00Z", "in 14 d"],
        ["2025-07-08T16:59:00Z", "1 min ago"],
        ["2025-06-24T16:00:00Z", "14 d 1 h ago"],
    ])("%s is %s", (at, text) => {
        expect(distance(parseInstant(at), parseInstant(now))).toBe(text)
    })

    test("an instant is shown in UTC, for every offset and every zone of the reader", () => {
        expect(wordsOf("2025-07-08T19:00:00+02:00")).toBe(wordsOf(now))
        expect(wordsOf(now)).toMatch(/8 Jul 2025 17:00 UTC$/)
    })

    test.each([
        ["Europe/Oslo", false, "Tue 8 Jul, 19:00 CEST"],
        ["Europe/Oslo", true, "19:00 CEST"],
        ["Asia/Tokyo", true, "Wed 9 Jul, 02:00 GMT+9"],
        ["UTC", false, null],
    ])("by the clocks of %s, brief: %s, it is %s", (zone, brief, text) => {
        expect(hereOf(now, brief, zone)).toBe(text)
    })
})
