import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { type TestDatabase, createDatabase } from "../../../test/support/database.ts"
import { listStatements } from "../../../test/support/statements.ts"
import type { Tx } from "../platform/postgres/db.ts"
import { silentLog } from "../platform/log/log.ts"
import { combineCalls, runInSharedTransaction } from "./shared-transaction.ts"

let database: TestDatabase

beforeAll(async () => {
    database = await createDatabase()
    await database.db.transaction((tx) => tx.query("create table notes (n int primary key)"))
})
afterAll(() => database.close())

const inOne = <T>(work: (tx: Tx) => Promise<T>) => runInSharedTransaction({ db: database.db, log: silentLog }, work)
const count = async (tx: Tx, least: number) =>
    (await tx.query<{ count: number }>("select count(*)::int as count from notes where n >= $1", [least]))[0]?.count
const insert = (tx: Tx, n: number) => tx.query("insert into notes (n) values ($1)", [n])

test("equal reads of callers in one transaction are sent once; a read after a write is sent again", async () => {
    const texts = await listStatements(async () => {
        const seen = await inOne(async (tx) => {
            const before = await Promise.all([count(tx, 0), count(tx, 0), count(tx, 7)])
            await insert(tx, 8)
            return [...before, ...(await Promise.all([count(tx, 0), count(tx, 0)]))]
        })
        expect(seen).toEqual([0, 0, 0, 1, 1])
    })
    expect(texts.filter((text) => text.includes("select count"))).toHaveLength(3)
    expect(texts.filter((text) => text.endsWith("commit"))).toHaveLength(1)
})

test("a failed caller undoes all, and each must be served alone", async () => {
    const both = await inOne((tx) => Promise.all([insert(tx, 20), insert(tx, 20)]))
    expect(both).toBe(null)
    expect(await database.db.transaction((tx) => count(tx, 20))).toBe(0)
})

test("a caught failure of a statement undoes all, and each must be served alone", async () => {
    const both = await inOne(async (tx) => {
        const [, failed] = await Promise.allSettled([insert(tx, 30), tx.query("select 1 / 0", [])])
        return failed
    })
    expect(both).toBe(null)
    expect(await database.db.transaction((tx) => count(tx, 30))).toBe(0)
})

test("calls of one turn with equal common values share a statement; other turns and transactions do not", async () => {
    const sent: (readonly [string, readonly number[]])[] = []
    const double = combineCalls(async (tx, asks: readonly number[], common: string) => {
        sent.push([common, asks])
        return await tx.query<{ twice: number }>("select 2 * n as twice from unnest($1::int[]) as n", [asks])
    })
    const ask = async (tx: Tx, n: number, common = "a") => {
        const { rows, index: place } = await double(tx, n, common)
        return rows[place]?.twice
    }
    const answers = await database.db.transaction(async (tx) => {
        const first = await Promise.all([ask(tx, 1), ask(tx, 2), ask(tx, 3, "b")])
        return [...first, await ask(tx, 4)]
    })
    expect(answers).toEqual([2, 4, 6, 8])
    expect(sent).toEqual([
        ["a", [1, 2]],
        ["b", [3]],
        ["a", [4]],
    ])
    sent.length = 0
    const two = [5, 6].map((n) => database.db.transaction((tx) => ask(tx, n)))
    expect(await Promise.all(two)).toEqual([10, 12])
    expect(sent).toHaveLength(2)
})

test("a failed statement fails for each of its callers", async () => {
    const failing = combineCalls(
        vi.fn((tx: Tx, _: readonly number[], __: null) => tx.query<object>("select 1 / 0", [])),
    )
    const both = database.db.transaction((tx) => Promise.allSettled([failing(tx, 1, null), failing(tx, 2, null)]))
    await expect(both).rejects.toThrow("a statement failed")
})
