import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { refuseProcessDown } from "../platform/key-process/ask.ts"
import { assertServing, isServingStopped } from "../trust/continuity/actions/stop-serving.ts"
import { remoteHighWater } from "./remote-high-water.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }))
afterEach(() => void vi.useRealTimers())

test("without comparisons the portal serves no partner, until one is answered", async () => {
    let isUp = true
    const ask = async () => (isUp ? { reasons: null, saved: 0 } : refuseProcessDown())
    const highWater = remoteHighWater({ ask })
    const services = { highWater }
    const isStopped = () => isServingStopped({ services, side: "portal" })
    vi.advanceTimersByTime(10_000)
    expect(isStopped()).toBe(false)
    isUp = false
    await expect(highWater.guardElsewhere?.()).rejects.toMatchObject({ code: "keys.process_down" })
    vi.advanceTimersByTime(10_000)
    expect(isStopped()).toBe(true)
    expect(isServingStopped({ services, side: "console" })).toBe(false)
    expect(() => assertServing({ services, side: "portal" }, false)).toThrow(
        expect.objectContaining({ code: "keys.process_down" }),
    )
    expect(() => assertServing({ services, side: "portal" }, true)).not.toThrow()
    isUp = true
    await highWater.guardElsewhere?.()
    expect(isStopped()).toBe(false)
})
