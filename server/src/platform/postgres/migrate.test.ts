import { afterEach, beforeEach, expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { type Db, type Tx, openDb } from "./db.ts"
import { assertCurrent, isAdditive, isMigrated, migrate, migrationLock, migrationNames } from "./migrate.ts"
import { watchSchema } from "./watch-schema.ts"

let database: TestDatabase
beforeEach(async () => {
    database = await createDatabase("template0")
})
afterEach(() => database.close())

const query = <Row>(sql: string, db: Db = database.db) => db.transaction((tx) => tx.query<Row>(sql))
const applied = () => query<{ name: string }>("select name, sha256, at from migrations order by name")
const tables = async () =>
    (
        await query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public' order by 1")
    ).map(({ name }) => name)
const checkMigrated = () => database.db.transaction(isMigrated)

test("an empty database gets every table, and reports it", async () => {
    expect(await checkMigrated()).toBe(false)
    await migrate(database.db)
    expect(await checkMigrated()).toBe(true)
    expect((await applied()).map(({ name }) => name)).toEqual(migrationNames())
    expect(await tables()).toEqual(expect.arrayContaining(["events", "persons", "waves", "deliveries", "letters"]))
})

test("migrating twice changes nothing", async () => {
    await migrate(database.db)
    const before = await applied()
    await query("insert into demo_clock (now_at) values (now())")
    await migrate(database.db)
    expect(await applied()).toEqual(before)
    expect(await query("select from demo_clock")).toHaveLength(1)
})

test("several servers may migrate at the same time on their own connections", async () => {
    const servers = Array.from({ length: 4 }, () => openDb(database.url, { connectionsMax: 1, statementMsMax: 20_000 }))
    await Promise.all(servers.map((server) => migrate(server)))
    await Promise.all(servers.map((server) => server.close()))
    expect((await applied()).map(({ name }) => name)).toEqual(migrationNames())
})

test("a migration that was changed after it was applied is refused", async () => {
    await migrate(database.db)
    await query("update migrations set sha256 = repeat('0', 64)")
    expect(await awaitRefusalCode(migrate(database.db))).toBe("platform.migration_changed")
})

test("a database of a newer version is refused and left unchanged", async () => {
    await migrate(database.db)
    await query("insert into migrations (name, sha256) values ('9999-later.sql', '')")
    const before = await applied()
    expect(await awaitRefusalCode(migrate(database.db))).toBe("platform.newer_database")
    expect(await applied()).toEqual(before)
})

test("the statement timeout does not cut a migration", async () => {
    const hasty = openDb(database.url, { connectionsMax: 2, statementMsMax: 300 })
    // A migration that sleeps stands for one that rewrites a large table.
    const slow = { transaction: <T>(work: (tx: Tx) => Promise<T>) => hasty.transaction((tx) => work(sleeping(tx))) }
    await migrate(slow)
    await hasty.close()
    expect(await checkMigrated()).toBe(true)
})

function sleeping(tx: Tx): Tx {
    return {
        ...tx,
        query: async (sql, values) => {
            if (sql.includes("create table if not exists migrations")) await tx.query("select pg_sleep(1)")
            return await tx.query(sql, values)
        },
    }
}

test("a reader that blocks a migration is reported, and nothing changes", async () => {
    await query("create table letters (somebodys int)")
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: reading, resolve: reads } = Promise.withResolvers<void>()
    const reader = database.db.transaction(async (tx) => {
        await tx.query("select * from letters")
        reads()
        await held
    })
    await reading
    const held_ = {
        transaction: <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction((tx) => work(altering(tx))),
    }
    expect(await awaitRefusalCode(migrate(held_, { waitMsMax: 200 }))).toBe("platform.migration_blocked")
    expect(await checkMigrated()).toBe(false)
    release()
    await reader
})

/** A migration that changes an existing table. */
function altering(tx: Tx): Tx {
    return {
        ...tx,
        query: async (sql, values) => {
            if (sql.includes("create table if not exists migrations")) {
                await tx.query("alter table letters add column extra int")
            }
            return await tx.query(sql, values)
        },
    }
}

test("a command that must not migrate accepts only a database of this version", async () => {
    await migrate(database.db)
    await database.db.transaction(assertCurrent)
    await query("delete from migrations where name like '0001-%'")
    expect(await awaitRefusalCode(database.db.transaction(assertCurrent))).toBe("platform.older_database")
    await query("insert into migrations (name, sha256) values ('9999-later.sql', '')")
    expect(await awaitRefusalCode(database.db.transaction(assertCurrent))).toBe("platform.newer_database")
})

test("a migration that fails leaves nothing", async () => {
    await query("create table letters (somebodys int)")
    await expect(migrate(database.db)).rejects.toThrow("already exists")
    expect(await tables()).toEqual(["letters"])
    expect(await checkMigrated()).toBe(false)
    await query("drop table letters")
    await migrate(database.db)
    expect(await checkMigrated()).toBe(true)
})

test("if a migration fails that is not additive, nothing stays", async () => {
    await query("create table witnesses (somebodys int)")
    const steps: string[] = []
    const onStep = ({ name, left }: { readonly name: string; readonly left: number }) =>
        void steps.push(`${name} ${left}`)
    await expect(migrate(database.db, { onStep })).rejects.toThrow("already exists")
    const names = migrationNames()
    expect(await checkMigrated()).toBe(false)
    await query("drop table witnesses")
    await migrate(database.db, { onStep })
    expect((await applied()).map(({ name }) => name)).toEqual(names)
    const stepAt = (name: string, n: number) => `${name} ${names.length - 1 - n}`
    const place = names.indexOf("0017-witnesses.sql")
    expect(steps).toEqual([...names.slice(0, place + 1), ...names].map((name) => stepAt(name, names.indexOf(name))))
})

test("a newer version's additive migration is accepted, by a start and while a process runs", async () => {
    await migrate(database.db)
    await query("insert into migrations (name, sha256, additive) values ('9998-more.sql', '', true)")
    await migrate(database.db)
    await database.db.transaction(assertCurrent)
    const watching = new AbortController()
    const newer = watchSchema(database.db, watching.signal)
    await query("insert into migrations (name, sha256) values ('9999-later.sql', '')")
    expect(await newer).toBe("9999-later.sql")
    watching.abort()
})

test("a start without pending migrations waits for no backup, and a migration waits for it", async () => {
    await migrate(database.db)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const { promise: locked, resolve: locks } = Promise.withResolvers<void>()
    const backup = database.db.transaction(async (tx) => {
        await tx.query("select pg_advisory_xact_lock_shared($1)", [migrationLock])
        locks()
        await held
    })
    await locked
    await migrate(database.db)
    await query("delete from migrations where name like '0016-%'")
    let isOver = false
    const waits: (string | null)[] = []
    const onWait = ({ name }: { readonly name: string | null }) => void waits.push(name)
    const ended: string[] = []
    const onEnd = ({ name }: { readonly name: string }) => void ended.push(name)
    const options = { onWait, onEnd, waitEveryMs: 10 }
    const migrating = migrate(database.db, options).then(() => (isOver = true))
    await expect.poll(() => waits.length).toBeGreaterThan(1)
    const waiting = "select from pg_locks where locktype = 'advisory' and not granted"
    await expect.poll(() => query(waiting), { timeout: 60_000 }).toHaveLength(1)
    expect(isOver).toBe(false)
    release()
    await Promise.all([backup, migrating])
    expect(waits[0]).toBe(null)
    expect(ended).toEqual(["0016-spent-budgets.sql"])
})

test("a database from before additive migrations is read and migrated", async () => {
    await migrate(database.db)
    await query("alter table migrations drop column additive")
    await database.db.transaction(assertCurrent)
    await query("delete from migrations where name like '0017-%'; drop table if exists cosignatures, witnesses")
    await migrate(database.db)
    expect(await query("select from migrations where not additive")).toHaveLength(migrationNames().length)
})

test("only a first line says that a migration is additive", () => {
    expect(isAdditive("-- additive\n-- more: a table\ncreate table more ();")).toBe(true)
    expect(isAdditive("-- more: additive\n-- additive\n")).toBe(false)
})

test("migrations are plain files, numbered in order without repeats", () => {
    const names = migrationNames()
    expect(names[0]).toBe("0001-baseline.sql")
    expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, n) => n + 1))
})
