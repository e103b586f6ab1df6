import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createDatabase, type TestDatabase } from "../../../../test/support/database.ts"
import { databaseClock, demoClock, moveDemoClock } from "./clock.ts"

const june = Date.UTC(2025, 5, 23)
let base: TestDatabase
beforeAll(async () => {
    base = await createDatabase()
})
afterAll(() => base.close())

describe("the demonstration's clock", () => {
    test("starts unset, stands still, and moves only forward", async () => {
        const now = () => base.db.transaction((tx) => demoClock.now(tx))
        const move = (to: number) => base.db.transaction((tx) => moveDemoClock(tx, to))
        await expect(now()).rejects.toThrow(/never set/)
        await move(june)
        expect([await now(), await now()]).toEqual([june, june])
        await move(june)
        await move(june + 1)
        expect(await now()).toBe(june + 1)
        await expect(move(june)).rejects.toMatchObject({ code: "clock.moves_backwards" })
        expect(await now()).toBe(june + 1)
    })

    test("does not go back when two requests move it", async () => {
        const moves = [5, 9, 7, 8].map((n) => base.db.transaction((tx) => moveDemoClock(tx, june + n * 1000)))
        await Promise.allSettled(moves)
        expect(await base.db.transaction((tx) => demoClock.now(tx))).toBe(june + 9000)
    })
})

describe("the database's clock", () => {
    test("moves within a transaction, and has whole milliseconds", async () => {
        const [first, second] = await base.db.transaction(async (tx) => {
            const before = await databaseClock.now(tx)
            await tx.query("select pg_sleep(0.005)")
            return [before, await databaseClock.now(tx)]
        })
        expect(Number.isInteger(first)).toBe(true)
        expect(second).toBeGreaterThan(first)
    })
})
