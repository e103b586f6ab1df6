import fc from "fast-check"
import { expect, test } from "vitest"
import { isDue, secondsToNextBatch, visibleFrom, slotOf } from "./slots.ts"

const interval = fc.integer({ min: 1, max: 3600 }).map((seconds) => seconds * 1000)
const instant = fc.integer({ min: 1e12, max: 2e12 })

test("a slot is the last instant of the grid, and each is due once", () => {
    fc.assert(
        fc.property(instant, interval, (now, ms) => {
            const slot = slotOf(now, ms)
            expect([slot % ms, slot <= now, now < slot + ms]).toEqual([0, true, true])
            expect([isDue(slot, null, ms), isDue(slot, slot, ms), isDue(slot, slot - ms, ms)]).toEqual([
                true,
                false,
                true,
            ])
        }),
    )
})

test("a clock that jumps makes one slot due; one set back makes none until it catches up", () => {
    const [ms, last] = [60_000, slotOf(1e12, 60_000)]
    expect(isDue(slotOf(last + 50 * ms, ms), last, ms)).toBe(true)
    expect(isDue(slotOf(last - 50 * ms, ms), last, ms)).toBe(false)
    expect(isDue(slotOf(last + ms - 1, ms), last, ms)).toBe(false)
})

test("the next batch is published when announced, in whole seconds", () => {
    fc.assert(
        fc.property(instant, interval, (now, ms) => {
            const seconds = secondsToNextBatch(now, ms)
            expect(seconds).toBeGreaterThan(0)
            expect(seconds).toBeLessThanOrEqual(ms / 1000)
            const shown = visibleFrom(slotOf(now + seconds * 1000 - (visibleFrom(0, ms) - 0), ms), ms)
            expect(shown).toBeGreaterThan(now)
            expect(shown).toBeLessThanOrEqual(now + seconds * 1000)
        }),
    )
})

test("without a grid, each look is due and published at once", () => {
    expect([slotOf(1234, 0), isDue(1234, 1234, 0), visibleFrom(1234, 0), secondsToNextBatch(1234, 0)]).toEqual([
        1234,
        true,
        1234,
        0,
    ])
})
