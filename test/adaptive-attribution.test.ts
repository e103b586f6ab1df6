import { expect, test } from "vitest"
import { simulateTries } from "../bench/tracing/tries.ts"

test("repeated attributions guided by their results identify an innocent recipient within α", () => {
    const alone = simulateTries(2, false, 9)
    expect(alone.innocentIdentified).toBeGreaterThan(0)
    const shared = simulateTries(5, true, 9)
    expect(shared.innocentIdentified).toBe(0)
    expect(shared.sourceIdentified).toBeGreaterThanOrEqual(4)
})
