import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { formatInstant, parseInstant } from "./instant.ts"
import { Refusal } from "./refusal.ts"

function outcome(text: string): number | string {
    try {
        return parseInstant(text)
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

describe("a timestamp", () => {
    test.each([
        ["1970-01-01T00:00:00Z", 0],
        ["1970-01-01T00:00:01Z", 1000],
        ["1970-01-01T02:00:00+02:00", 0],
        ["1969-12-31T23:00:00-01:00", "instant.invalid"],
        ["1970-01-01T05:45:00+05:45", 0],
        ["1970-01-01T00:00:00-00:00", 0],
        ["1970-01-01T00:00:00.5Z", 500],
        ["1970-01-01T00:00:00.007Z", 7],
        ["1970-01-01T00:00:00.123456789Z", 123],
        ["2025-07-08T17:00:00Z", 1_751_994_000_000],
        ["2025-07-08T17:00Z", 1_751_994_000_000],
        ["2025-07-08T19:00+02:00", 1_751_994_000_000],
        ["2024-02-29T00:00:00Z", 1_709_164_800_000],
        ["9999-12-31T23:59:59.999Z", 253_402_300_799_999],
    ])("%s is %s", (text, expected) => {
        expect(outcome(text)).toBe(expected)
    })

    test.each([
        ["has no offset", "2025-07-08T17:00:00"],
        ["has no time", "2025-07-08"],
        ["has no minutes", "2025-07-08T17Z"],
        ["has a fraction of a minute", "2025-07-08T17:00.5Z"],
        ["has a space", "2025-07-08 17:00:00Z"],
        ["has small letters", "2025-07-08t17:00:00z"],
        ["is the 24th hour", "2025-07-08T24:00:00Z"],
        ["is a leap second", "2016-12-31T23:59:60Z"],
        ["is the 60th minute", "2025-07-08T17:60:00Z"],
        ["is 30 February", "2025-02-30T00:00:00Z"],
        ["is 29 February of a common year", "2025-02-29T00:00:00Z"],
        ["is in month 13", "2025-13-01T00:00:00Z"],
        ["is on day 0", "2025-07-00T00:00:00Z"],
        ["is in year 0", "0000-01-01T00:00:00Z"],
        ["is in year 99", "0099-01-01T00:00:00Z"],
        ["exceeds the last year of four digits in another offset", "9999-12-31T23:59:59-14:00"],
        ["has an impossible offset", "2025-07-08T17:00:00+15:00"],
        ["has an offset of 60 minutes", "2025-07-08T17:00:00+01:60"],
        ["has an offset without a colon", "2025-07-08T17:00:00+0100"],
        ["ends with a decimal point", "2025-07-08T17:00:00.Z"],
        ["has ten decimals", "2025-07-08T17:00:00.0000000000Z"],
        ["continues on another line", "2025-07-08T17:00:00Z\n"],
        ["has Arabic digits", "٢٠٢٥-07-08T17:00:00Z"],
        ["is a number", "1751994000000"],
        ["is in words", "tomorrow"],
        ["is empty", ""],
    ])("is refused when it %s", (_, text) => {
        expect(outcome(text)).toBe("instant.invalid")
    })

    test("round-trips in any offset", () => {
        const instant = fc.integer({ min: 15 * 3_600_000, max: 253_402_300_799_999 })
        const minutes = fc.integer({ min: -14 * 60, max: 14 * 60 })
        fc.assert(
            fc.property(instant, minutes, (at, offset) => {
                expect(parseInstant(formatInstant(at))).toBe(at)
                const there = new Date(at + offset * 60_000).toISOString()
                if (there.startsWith("+")) return
                const [hours, rest] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60]
                const two = (n: number) => String(n).padStart(2, "0")
                const written = there.replace("Z", `${offset < 0 ? "-" : "+"}${two(hours)}:${two(rest)}`)
                expect(parseInstant(written)).toBe(at)
            }),
        )
    })

    test("is parsed or refused, and never throws", () => {
        const near = fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,3})?(Z|[+-]\d\d:\d\d)?$/)
        fc.assert(
            fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
                const found = outcome(text)
                expect(found === "instant.invalid" || Number.isSafeInteger(found)).toBe(true)
            }),
        )
    })

    test("has milliseconds only when they are not zero", () => {
        expect(formatInstant(1_751_994_000_000)).toBe("2025-07-08T17:00:00Z")
        expect(formatInstant(1_751_994_000_001)).toBe("2025-07-08T17:00:00.001Z")
    })
})
