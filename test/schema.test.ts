/** schema.sql matches the migrations, and every migration can run twice. */
import fs from "node:fs"
import { afterAll, beforeAll, expect, test } from "vitest"
import { migrate } from "../server/src/platform/postgres/migrate.ts"
import { type TestDatabase, createDatabase } from "./support/database.ts"
import { dumpSchema } from "./architecture/schema.ts"

const file = new URL("../server/migrations/schema.sql", import.meta.url)
const written = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : ""

let database: TestDatabase
beforeAll(async () => {
    database = await createDatabase("template0")
    await migrate(database.db)
})
afterAll(async () => await database.close())

test("schema.sql is the sum of the migrations: else run `node scripts/schema.ts`", async () => {
    expect(await database.db.transaction(dumpSchema)).toBe(written)
})

test("two servers migrate again at once without changes", async () => {
    await Promise.all([migrate(database.db), migrate(database.db)])
    expect(await database.db.transaction(dumpSchema)).toBe(written)
})

test("the text creates the same tables again, in order", async () => {
    const again = await createDatabase("template0")
    const [head = "", ...tables] = written.split(/\n(?=create table )/)
    await again.db.transaction(async (tx) => {
        await tx.query(head)
        // A table may refer to one below it, so foreign keys come last.
        for (const table of tables)
            await tx.query(table.replaceAll(/,\n {4}constraint \S+ FOREIGN KEY[^\n]*?(?=,?\n)/g, ""))
        for (const item of tables) {
            const table = /^create table (\S+)/.exec(item)?.[1] ?? ""
            for (const [, rule] of item.matchAll(/\n {4}(constraint \S+ FOREIGN KEY .*?),?(?=\n)/g)) {
                await tx.query(`alter table ${table} add ${rule}`)
            }
        }
    })
    expect(await again.db.transaction(dumpSchema)).toBe(written)
    await again.close()
})

test.each([
    ["a column", "alter table cases add column extra int", "    extra integer"],
    [
        "a default",
        "alter table pending_events alter column attempts set default 1",
        "    attempts integer default 1 not null",
    ],
    [
        "a rule",
        "alter table cases add check (created_at > '2020-01-01Z')",
        "    constraint cases_created_at_check CHECK",
    ],
    ["an index", "create index on cases (created_at)", "CREATE INDEX cases_created_at_idx ON cases"],
    ["a table", "create table extra (id uuid primary key)", "create table extra ("],
    [
        "a trigger",
        "create trigger extra after insert on pending_events for each statement execute function note_status()",
        "CREATE TRIGGER extra AFTER INSERT ON pending_events",
    ],
    [
        "a trigger's function",
        "create function extra() returns trigger language plpgsql as $$ begin return null; end $$",
        "create function extra() returns trigger",
    ],
])("an additional %s is detected", async (_, sql, text) => {
    const other = await createDatabase()
    const before = await other.db.transaction(dumpSchema)
    await other.db.transaction((tx) => tx.query(sql))
    const dumped = await other.db.transaction(dumpSchema)
    expect(dumped).toContain(text)
    expect(before).not.toContain(text)
    await other.close()
})

test.each([
    ["a view", "create view extra as select 1 as one"],
    ["a function", "create function extra() returns int language sql as 'select 1'"],
    ["a trigger that sleeps", "alter table persons disable trigger noted_left", "noted_left"],
    ["a type", "create type extra as enum ('a')"],
])("%s is refused because it cannot be written", async (_, sql, name = "extra") => {
    const other = await createDatabase()
    await other.db.transaction((tx) => tx.query(sql))
    await expect(other.db.transaction(dumpSchema)).rejects.toThrow(`no text for \`${name}\``)
    await other.close()
})
