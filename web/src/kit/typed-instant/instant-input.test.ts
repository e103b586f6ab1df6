import { expect, test } from "vitest"
import { exactWordsOf } from "../instant.tsx"
import { instantIn } from "./instant-input.ts"

const now = "2025-07-07T03:12:00Z"

test.each([
    ["12 Aug 10:00", "2025-08-12T10:00:00Z"],
    ["12 August 2026, 10:00 UTC", "2026-08-12T10:00:00Z"],
    ["8 jul 17:00", "2025-07-08T17:00:00Z"],
    ["3 Jan 09:30", "2026-01-03T09:30:00Z"],
    ["8 Jul 2025 17:00:30 UTC", "2025-07-08T17:00:30Z"],
    ["2025-07-08 17:00:30", "2025-07-08T17:00:30Z"],
    ["12. Aug 10:00", "2025-08-12T10:00:00Z"],
    ["3. März 2026 9:30", "2026-03-03T09:30:00Z"],
    ["24. Dez. 2025, 10:00 UTC", "2025-12-24T10:00:00Z"],
    ["2025-08-12 10:00", "2025-08-12T10:00:00Z"],
    ["2025-08-12T10:00:00+02:00", "2025-08-12T10:00:00+02:00"],
    ["2025-07-08T17:00:00Z", "2025-07-08T17:00:00Z"],
])("%s is %s", (text, instant) => {
    expect(instantIn(text, now)).toBe(instant)
})

test.each([
    "",
    "tomorrow",
    "31 Feb 2025 10:00",
    "12 Aug 25:00",
    "12 Aug 10:75",
    "12 Aug 10:00:60",
    "12 Foo 10:00",
    "12 Aug",
])("%s is not an instant", (text) => {
    expect(instantIn(text, now)).toBeNull()
})

test("without the instant of the program, a date needs its year", () => {
    expect(instantIn("12 Aug 10:00", null)).toBeNull()
    expect(instantIn("12 Aug 2025 10:00", null)).toBe("2025-08-12T10:00:00Z")
})

test("an instant in exact words is read back to the second", () => {
    for (const instant of ["2025-07-08T17:00:30Z", "2025-07-08T17:00:00Z", "2025-12-31T23:59:59Z"])
        expect(instantIn(exactWordsOf(instant), now)).toBe(instant)
})
