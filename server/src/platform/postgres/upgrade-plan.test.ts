import { afterAll, beforeAll, expect, test } from "vitest"
import { type TestDatabase, createDatabase } from "../../../../test/support/database.ts"
import { isAdditive, migrationNames, textOf } from "./migrate.ts"
import { bytesNeeded, planUpgrade, purposeOf, tablesIn } from "./upgrade-plan.ts"

let database: TestDatabase
beforeAll(async () => {
    database = await createDatabase()
})
afterAll(() => database.close())

test.each([
    ["create table a (id int); create index on a (id)", ["a"], []],
    ["-- alter table z\nalter table b add column n int; update b set n = 1", [], ["b"]],
    ["create unique index concurrently if not exists b_n on only b (n)", [], ["b"]],
    ["insert into c (n) select n from d;\nDELETE FROM e", [], ["c", "e"]],
    ["drop table if exists f; truncate g; create table if not exists h ()", ["h"], ["f", "g"]],
    ["create function i() returns int language plpgsql as $x$ begin insert into j values (1); end $x$", [], []],
    [
        "create table k (l uuid references l, m uuid references k); alter table n add o int references p",
        ["k"],
        ["l", "n", "p"],
    ],
])("of a migration, finds the tables that it creates and locks: %s", (sql, created, changed) => {
    expect(tablesIn(sql)).toMatchObject({ created, changed })
})

test.each([
    ["alter table a alter column n type bigint", ["a"]],
    ["alter table a add column n uuid not null default gen_random_uuid()", ["a"]],
    ["alter table a add column n int not null default 0; alter table b drop column n", []],
    [
        "alter table a add unique (n); create index on b (n); update only c set n = 1; create table d (n int)",
        ["a", "b", "c"],
    ],
    ["create table a (n int references b); insert into a select 1; create index on a (n)", []],
])("of a migration, finds the tables that it writes again: %s", (sql, rewritten) => {
    expect(tablesIn(sql).rewritten.toSorted()).toEqual(rewritten)
})

test("each landed migration creates or changes a table", () => {
    for (const name of migrationNames()) {
        const { created, changed } = tablesIn(textOf(name))
        expect([name, created.length + changed.length]).not.toEqual([name, 0])
    }
})

/** The statements of a migration that do more than create a table, an index, or columns that may be left out. */
function notAdding(sql: string): string[] {
    const column = String.raw`add column (?:if not exists )?\w+ (?!.*not null(?!.* default )).*`
    const adds = new RegExp(String.raw`^(?:create (?:table|index) .*|alter table \w+ ${column})$`)
    return sql
        .replaceAll(/--[^\n]*/g, "")
        .split(";")
        .map((statement) => statement.trim().replaceAll(/\s+/g, " ").toLowerCase())
        .filter((statement) => statement !== "" && (!adds.test(statement) || /, (drop|alter|add) /.test(statement)))
}

test.each([
    ["-- additive\ncreate table a (id int);\ncreate index on a (id);", []],
    ["alter table b add column n int; alter table b add column m int not null default 0", []],
    ["alter table b add column n int not null", ["alter table b add column n int not null"]],
    ["alter table b add column n int, drop column m", ["alter table b add column n int, drop column m"]],
    ["create unique index on b (n); update b set n = 1", ["create unique index on b (n)", "update b set n = 1"]],
    ["drop table b", ["drop table b"]],
])("finds what is more than an addition: %s", (sql, found) => {
    expect(notAdding(sql)).toEqual(found)
})

test("a migration that calls itself additive only adds", () => {
    const additive = migrationNames().filter((migration) => isAdditive(textOf(migration)))
    expect(additive.flatMap((migration) => notAdding(textOf(migration)))).toEqual([])
})

test("the plan lists what is pending, with the sizes of the tables that wait", async () => {
    const plan = () => database.db.transaction(planUpgrade)
    expect(await plan()).toEqual([])
    expect(bytesNeeded(await plan())).toBe(0)
    await database.db.transaction((tx) => tx.query("delete from migrations where name > '0016'"))
    expect((await plan()).slice(0, 2)).toEqual([
        {
            name: "0016-spent-budgets",
            purpose: expect.stringMatching(/^What attributions have spent/),
            additive: false,
            newTables: [],
            changedTables: [
                { table: "access_changes", rows: 0, bytes: expect.any(Number), rewrittenBytes: expect.any(Number) },
            ],
        },
        expect.objectContaining({ name: "0017-witnesses", newTables: expect.arrayContaining(["witnesses"]) }),
    ])
    // Of the table that gets an index, a copy and its log.
    const [first] = await plan()
    expect(bytesNeeded(first ? [first] : [])).toBe(2 * (first?.changedTables[0]?.rewrittenBytes ?? NaN))
})

test.each([
    [
        "-- additive\n-- trust/receipts/paths: the path of a receipt in its batch. Null: none.\n\nselect 1",
        "The path of a receipt in its batch.",
    ],
    [
        "-- The keys after the first, which the root key derives. The newest\n-- signs.\nselect 1",
        "The keys after the first, which the root key derives.",
    ],
    ["-- A key is named\n-- `poc:<case>` here\nselect 1", "A key is named `poc:<case>` here"],
    ["select 1\n-- not the first", ""],
])("the purpose of %j is %j", (sql, purpose) => {
    expect(purposeOf(sql)).toBe(purpose)
})
