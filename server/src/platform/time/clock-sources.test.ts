import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { findClockMemory, saveClockMemory } from "./clock-baseline.ts"
import { databaseClock } from "./clock.ts"
import { machineSources, machineTimeService, offsetOf } from "./clock-sources.ts"

let base: TestDatabase
beforeAll(async () => {
    base = await createDatabase()
})
afterAll(() => base.close())

const line = (fields: Partial<Record<number, string>>) => {
    const usual =
        "A29FC87B,162.159.200.123,4,1764000000.1,-0.125,0.00001,0.00002,-10.1,0.001,0.02,0.01,0.001,64.2,Normal"
    return usual
        .split(",")
        .map((value, i) => fields[i] ?? value)
        .join(",")
}

describe("the output of chrony", () => {
    test.each([
        ["synchronised", line({}), -125],
        ["far off", line({ 4: "1.75" }), 1750],
        ["not synchronised", line({ 13: "Not synchronised" }), null],
        ["without a source", line({ 2: "0" }), null],
        ["synchronised to itself only", line({ 0: "7F7F0101" }), null],
        ["not a number", line({ 4: "soon" }), null],
        ["fewer fields", "506 Cannot talk to daemon", null],
        ["empty", "", null],
    ])("%s", (_, input, expected) => {
        expect(offsetOf(`${input}\n`)).toBe(expected)
    })
})

describe("the clock sources of this machine", () => {
    const read = (sources: ReturnType<typeof machineSources>) => base.db.transaction((tx) => sources.read(tx))

    test("give wall-clock time and elapsed time", async () => {
        const sources = machineSources("one_clock")
        const first = await read(sources)
        const second = await read(sources)
        expect(Math.abs(first.application - first.database)).toBeLessThan(60_000)
        expect(second.boot).toBe(first.boot)
        expect(second.monotonicMs).toBeGreaterThanOrEqual(first.monotonicMs)
        expect(first).toMatchObject({ hasTwoClocks: false, isOneEnough: true, offByServiceMs: null })
    })

    test("are one source when the database is on this machine, unless a time service adds another", async () => {
        expect(await read(machineSources(async () => 12))).toMatchObject({
            hasTwoClocks: false,
            isOneEnough: false,
            offByServiceMs: 12,
        })
    })

    test("measure time as other processes of this machine do", async () => {
        const [sources, other] = [machineSources("one_clock"), machineSources("one_clock")]
        const [a, b] = [await read(sources), await read(other)]
        expect(b.boot).toBe(a.boot)
        expect(b.monotonicMs).toBeGreaterThanOrEqual(a.monotonicMs)
    })
})

describe("the time service", () => {
    test("is queried once for many readings, and a failing one gives no reading", async () => {
        let requested = 0
        const service = machineTimeService(async () => ++requested)
        expect([await service(), await service()]).toEqual([1, 1])
        expect(await machineTimeService(() => Promise.reject(new Error("no answer")))()).toBe(null)
    })

    test("is found on this machine, and may be missing", async () => {
        const input = await machineTimeService()()
        expect(input === null || Number.isFinite(input)).toBe(true)
    })
})

test("program time is never before the latest trusted instant", async () => {
    const reading = await base.db.transaction((tx) => machineSources("one_clock").read(tx))
    const now = () => base.db.transaction((tx) => databaseClock.now(tx))
    const keep = (highWater: number) => {
        const memory = { highWater, baselines: {}, distrust: null, agreedSince: null, reading, confirmations: 0 }
        return base.db.transaction((tx) => saveClockMemory(tx, memory))
    }
    await keep(reading.database + 3_600_000)
    expect(await now()).toBe(reading.database + 3_600_000)
    expect((await base.db.transaction(findClockMemory))?.highWater).toBe(reading.database + 3_600_000)
    await keep(reading.database)
    expect(await now()).toBeLessThan(reading.database + 3_600_000)
})
