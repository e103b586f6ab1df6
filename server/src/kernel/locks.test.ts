import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { lockToChangePartner, lockToChangeProgram, lockToRead } from "./locks.ts"

let database: TestDatabase
beforeAll(async () => {
    database = await createDatabase()
})
afterAll(() => database.close())

const locks: Record<string, (tx: Tx) => Promise<void>> = {
    "a read of Acme": (tx) => lockToRead(tx, "acme"),
    "a read of Globex": (tx) => lockToRead(tx, "globex"),
    "a change of Acme": (tx) => lockToChangePartner(tx, "acme"),
    "a change of Globex": (tx) => lockToChangePartner(tx, "globex"),
    "a change of the program": lockToChangeProgram,
}
const [readAcme, readGlobex, changeAcme, changeGlobex, changeProgram] = Object.keys(locks) as [
    string,
    string,
    string,
    string,
    string,
]

/** Takes the lock in its own transaction. `taken` resolves when it is held; `end` releases it. */
function hold(name: string): { taken: Promise<void>; end: () => Promise<void> } {
    const taken = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const ended = database.db.transaction(async (tx) => {
        await locks[name]?.(tx)
        taken.resolve()
        await held.promise
    })
    return {
        taken: taken.promise,
        end: async () => {
            held.resolve()
            await ended
        },
    }
}

async function waiting(): Promise<number> {
    const rows = await database.db.transaction((tx) =>
        tx.query(
            `select from pg_locks join pg_database d on d.oid = database
             where d.datname = current_database() and locktype = 'advisory' and not granted`,
        ),
    )
    return rows.length
}

async function until(count: number): Promise<void> {
    while ((await waiting()) !== count) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe("does not wait for the other", () => {
    test.each([
        [readAcme, readAcme],
        [readAcme, readGlobex],
        [readAcme, changeGlobex],
        [changeAcme, readGlobex],
        [changeAcme, changeGlobex],
    ])("%s, %s", async (first, second) => {
        const item = hold(first)
        await item.taken
        const two = hold(second)
        await two.taken
        expect(await waiting()).toBe(0)
        await item.end()
        await two.end()
    })
})

describe("waits until the other ends", () => {
    test.each([
        [readAcme, changeAcme],
        [changeAcme, readAcme],
        [changeAcme, changeAcme],
        [readAcme, changeProgram],
        [changeGlobex, changeProgram],
        [changeProgram, readGlobex],
        [changeProgram, changeAcme],
        [changeProgram, changeProgram],
    ])("%s, then %s", async (first, second) => {
        const order: string[] = []
        const item = hold(first)
        await item.taken
        const two = hold(second)
        const taken = two.taken.then(() => order.push("second"))
        await until(1)
        order.push("first ends")
        await item.end()
        await taken
        await two.end()
        expect(order).toEqual(["first ends", "second"])
    })
})

test.each([changeAcme, changeProgram])("while %s waits, no new read is let in before it", async (change) => {
    const order: string[] = []
    const reading = hold(readAcme)
    await reading.taken
    const changing = hold(change)
    const changed = changing.taken.then(() => order.push("changed"))
    await until(1)
    const late = hold(readAcme)
    const read = late.taken.then(() => order.push("read"))
    await until(2)
    await reading.end()
    await changed
    await changing.end()
    await read
    await late.end()
    expect(order).toEqual(["changed", "read"])
})

test("a failed transaction releases its lock", async () => {
    const failing = database.db.transaction(async (tx) => {
        await lockToChangeProgram(tx)
        throw new Error("broken")
    })
    await expect(failing).rejects.toThrow("broken")
    const next = hold(changeProgram)
    await next.taken
    await next.end()
})
