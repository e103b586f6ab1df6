import { expect, test } from "vitest"
import { errorBoundText, evidenceText, thresholdText, tickText, ticksBetween } from "./e-value.ts"

test.each([
    [27.045, "1.1 × 10²⁷"],
    [6.6199, "4.1 million"],
    [6, "1 million"],
    [3, "1,000"],
    [2.9999, "990"],
    [0.42, "2.6"],
    [0, "1"],
    [-0.07, "0.85"],
    [-0.9, "0.12"],
    [-2.5, "below 0.01"],
])("evidence of 10^%d is rounded down: %s", (log10, text) => {
    expect(evidenceText(log10)).toBe(text)
})

test("a threshold is rounded up, so that a bar above it is never drawn below its label", () => {
    expect(thresholdText(7.0969)).toBe("13 million")
    expect(thresholdText(3)).toBe("1,000")
    expect(thresholdText(3.001)).toBe("1,100")
})

test("an error bound is never smaller than it is", () => {
    expect(errorBoundText(0.000001)).toBe("1 in 1,000,000")
    expect(errorBoundText(0.0011)).toBe("1 in 909")
})

test("ticks of a logarithmic scale are whole powers", () => {
    expect(ticksBetween(-2, 8)).toEqual([-2, 0, 2, 4, 6, 8])
    expect(ticksBetween(-3.1, 29)).toEqual([0, 5, 10, 15, 20, 25])
    expect([-2, 0, 3, 25].map(tickText)).toEqual(["0.01", "1", "1,000", "10²⁵"])
})
