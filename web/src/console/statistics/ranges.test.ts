import { expect, test } from "vitest"
import { hoursOf, rangesOf, shareOf } from "./ranges.ts"

test("spans of days and hours share one scale", () => {
    const quartiles = { first: 1, median: 2, third: 4 }
    const figures = [
        { id: "embargo_length", unit: "days", quartiles },
        { id: "notice_to_protection", unit: "hours", quartiles: null },
        { id: "measures", unit: null, quartiles: null },
    ]
    expect(rangesOf(figures)).toEqual([{ id: "embargo_length", unit: "days", ...quartiles }])
    expect(hoursOf(2, "days")).toBe(48)
    expect([shareOf(0, 96), shareOf(96, 96), shareOf(1, 0)]).toEqual([0, 100, 0])
    expect(shareOf(12, 96)).toBeGreaterThan(50)
})
