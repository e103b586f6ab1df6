import { expect, test } from "vitest"
import { playTries } from "../bench/tracing/tries.ts"

test("repeated attributions guided by their results identify an innocent recipient within α", () => {
    const alone = playTries(2, false, 9)
    expect(alone.wrongly).toBeGreaterThan(0)
    const shared = playTries(5, true, 9)
    expect(shared.wrongly).toBe(0)
    expect(shared.rightly).toBeGreaterThanOrEqual(4)
})
