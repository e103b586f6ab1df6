import { Socket } from "node:net"
import pg from "pg"
import { type MockInstance, afterAll, beforeAll, expect, test, vi } from "vitest"
import { isDatabaseDown } from "./database-down.ts"
import { type Tx, oneOrAll, openDb } from "./db.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"

let database: TestDatabase
beforeAll(async () => {
    database = await createDatabase()
    await database.db.transaction((tx) => tx.query("create table things (n int primary key)"))
})
afterAll(() => database.close())

const things = async () =>
    (await database.db.transaction((tx) => tx.query<{ n: number }>("select n from things order by n"))).map(
        ({ n }) => n,
    )

test.each([
    ["timestamptz", new Date(1_751_994_000_123), 1_751_994_000_123],
    ["timestamptz", new Date(0), 0],
    ["bigint", 2 ** 53 - 1, 2 ** 53 - 1],
    ["bytea", Buffer.from([0, 255]), Buffer.from([0, 255])],
    ["jsonb", { a: [1, null, "x"] }, { a: [1, null, "x"] }],
    ["text[]", ["a", 'b"', ""], ["a", 'b"', ""]],
    ["timestamptz", null, null],
])("a %s is read back unchanged", async (type, given, expected) => {
    const [row] = await database.db.transaction((tx) => tx.query<{ it: unknown }>(`select $1::${type} as it`, [given]))
    expect(row?.it).toEqual(expected)
})

test("a failed transaction changes nothing, a successful one stays", async () => {
    const failing = database.db.transaction(async (tx) => {
        await tx.query("insert into things values (1)")
        throw new Error("broken")
    })
    await expect(failing).rejects.toThrow("broken")
    expect(await things()).toEqual([])
    expect(await database.db.transaction(async (tx) => (await tx.query("insert into things values (2)"), "done"))).toBe(
        "done",
    )
    expect(await things()).toEqual([2])
})

test("a failed statement makes the commit fail", async () => {
    const hiding = database.db.transaction(async (tx) => {
        await tx.query("insert into things values (3)")
        await tx.query("insert into things values (3)").catch(() => undefined)
    })
    await expect(hiding).rejects.toThrow("rolled back")
    expect(await things()).not.toContain(3)
})

test("a broken connection is replaced", async () => {
    for (let n = 0; n < 8; n++) {
        const dying = database.db.transaction((tx) => tx.query("select pg_terminate_backend(pg_backend_pid())"))
        await expect(dying).rejects.toThrow()
    }
    expect(await database.db.transaction((tx) => tx.query("select 1 as one"))).toEqual([{ one: 1 }])
})

test("a statement that took too long means that the database does not answer", async () => {
    const hasty = openDb(database.url, { connectionsMax: 1, statementMsMax: 50 })
    const error = await hasty.statement("select pg_sleep(60)", []).catch((reason: unknown) => reason)
    expect(isDatabaseDown(error)).toBe(true)
    await hasty.close()
})

test("a transaction sees what others committed after it began", async () => {
    await database.db.transaction(async (tx) => {
        const count = async () => (await tx.query("select from things where n = 9")).length
        expect(await count()).toBe(0)
        await database.db.transaction((other) => other.query("insert into things values (9)"))
        expect(await count()).toBe(1)
    })
})

test("a connection prepares a parameterised query once, and does not name queries of unlimited variety", async () => {
    await database.db.transaction(async (tx) => {
        const named = async () => {
            const rows = await tx.query<{ statement: string }>("select statement from pg_prepared_statements")
            return rows.map(({ statement }) => statement)
        }
        for (const n of [3, 4]) expect(await tx.query("select $1::int as named", [n])).toEqual([{ named: n }])
        expect((await named()).filter((item) => item === "select $1::int as named")).toHaveLength(1)
        for (let n = 0; n < 1100; n++) {
            expect(await tx.query(`select $1::int as n${n}`, [n])).toEqual([{ [`n${n}`]: n }])
        }
        expect((await named()).length).toBeLessThanOrEqual(1000)
        for (const n of [5, 6]) expect(await tx.query("select $1::int as late", [n])).toEqual([{ late: n }])
        expect(await named()).not.toContain("select $1::int as late")
    })
})

test.each([
    [null, "$2::uuid is null"],
    ["a", "w.partner = $2"],
])("filters by one or all: %s", (value, condition) => {
    expect(oneOrAll("w.partner", 2, value)).toBe(condition)
})

test("parallel queries are answered in order, also for one statement", async () => {
    const requests = [7, 8, 9]
    const found = await database.db.transaction((tx) =>
        Promise.all([
            ...requests.map((n) => tx.query("select $1::int as n, 'a' as same", [n])),
            tx.query("insert into things values ($1) returning n", [70]),
            tx.query("select count(*)::int as n from things where n = $1", [70]),
        ]),
    )
    expect(found.map(([row]) => (row as { n: number }).n)).toEqual([7, 8, 9, 70, 1])
})

test("queries of one turn leave in one write", async () => {
    const writes = vi.spyOn(Socket.prototype, "_writev")
    const counts = await database.db.transaction(async (tx) => {
        const count = async (work: () => Promise<unknown>) => {
            const before = writes.mock.calls.length
            await work()
            return writes.mock.calls.length - before
        }
        const ask = (n: number) => tx.query("select $1::int as n", [n])
        return [await count(() => Promise.all([1, 2, 3, 4].map(ask))), await count(() => ask(5))]
    })
    writes.mockRestore()
    expect(counts).toEqual([1, 1])
})

test("parallel queries that fail leave nothing, and never continue in another transaction", async () => {
    let goOn = (): void => undefined
    const held = new Promise<void>((resolve) => {
        goOn = resolve
    })
    let late: Promise<unknown> = Promise.resolve()
    const failing = database.db.transaction(async (tx) => {
        late = tx.query("insert into things values ($1)", [80]).then(async () => {
            await held
            return await tx.query("insert into things values ($1)", [81])
        })
        await Promise.all([late, tx.query("select 1 / $1::int", [0])])
    })
    await expect(failing).rejects.toThrow("division by zero")
    goOn()
    await expect(late).rejects.toThrow("this transaction is over")
    expect(await things()).not.toContain(80)
    expect(await things()).not.toContain(81)
})

test("the last queries of a transaction commit in order and with it, or not at all", async () => {
    await database.db.transaction(async (tx) => {
        tx.queryAtCommit("insert into things values ($1)", [90])
        tx.queryAtCommit("update things set n = $2 where n = $1", [90, 91])
        expect(await tx.query("select from things where n = 90")).toEqual([])
    })
    expect(await things()).toContain(91)
    const failing = database.db.transaction(async (tx) => {
        await tx.query("insert into things values ($1)", [92])
        tx.queryAtCommit("insert into things values ($1)", [91])
        tx.queryAtCommit("insert into things values ($1)", [93])
        return "answered"
    })
    await expect(failing).rejects.toThrow("duplicate key")
    const broken = database.db.transaction(async (tx) => {
        tx.queryAtCommit("insert into things values ($1)", [94])
        throw new Error("broken")
    })
    await expect(broken).rejects.toThrow("broken")
    expect((await things()).filter((n) => n > 91)).toEqual([])
})

test("a transaction begins in one write with its first query", async () => {
    const writes = vi.spyOn(Socket.prototype, "_writev")
    const single = vi.spyOn(Socket.prototype, "_write")
    await database.db.transaction(async (tx) => {
        await Promise.all([tx.query("select $1::int as n", [1]), tx.query("select $1::int as n", [2])])
        tx.queryAtCommit("select $1::int as n", [3])
    })
    const count = writes.mock.calls.length + single.mock.calls.length
    writes.mockRestore()
    single.mockRestore()
    expect(count).toBe(2)
})

test("sends no write before its transaction begins, and keeps the order of queries", async () => {
    const ask = (tx: Tx) => [
        tx.query("select count(*)::int as n from things where n = $1", [100]),
        tx.query("insert into things values ($1) returning n", [100]),
        tx.query("select count(*)::int as n from things where n = $1", [100]),
    ]
    const found = await database.db.transaction((tx) => Promise.all(ask(tx)))
    expect(found).toEqual([[{ n: 0 }], [{ n: 100 }], [{ n: 1 }]])

    const query = Reflect.get(pg.Client.prototype, "query") as (...given: unknown[]) => unknown
    const spy = vi.spyOn(pg.Client.prototype, "query") as unknown as MockInstance<(...given: unknown[]) => unknown>
    const failing = new Error("it did not begin")
    const sent: unknown[] = []
    spy.mockImplementation(function (this: unknown, ...given: unknown[]) {
        const { text } = given[0] as { text?: string }
        sent.push(text ?? given[0])
        return text === "begin" ? Promise.reject(failing) : query.apply(this, given)
    })
    await expect(database.db.transaction((tx) => tx.query("insert into things values (101)"))).rejects.toBe(failing)
    await expect(database.db.transaction((tx) => tx.query("select 1"))).rejects.toBe(failing)
    await expect(database.db.transaction(async () => "asked nothing")).rejects.toBe(failing)
    spy.mockRestore()
    expect(sent).toEqual(["begin", "rollback", "begin", "select 1", "rollback", "begin", "rollback"])
    expect(await things()).not.toContain(101)
})
