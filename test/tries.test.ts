import { expect, test } from "vitest"
import { playTries } from "../bench/tracing/tries.ts"

test("of leaks that are tried again and again, guided by each result, those that identify an innocent stay within α", () => {
    const alone = playTries(2, false, 9)
    expect(alone.wrongly).toBeGreaterThan(0)
    const shared = playTries(5, true, 9)
    expect(shared.wrongly).toBe(0)
    expect(shared.rightly).toBeGreaterThanOrEqual(4)
})
