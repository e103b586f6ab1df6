/**
 * Migrates the database to the schema of this version: numbered SQL, forward only, in one transaction under one lock.
 * So servers may start together.
 *
 * A file that was changed after it was applied is refused. A migration may take any time. If a reader blocks it, it
 * is refused after some seconds, before other readers wait behind it.
 */
import { everyPartner, noteChangeSql } from "../../kernel/change-detection.ts"
import { createHash } from "node:crypto"
import fs from "node:fs"
import { refuse } from "@tocsin/base/refusal"
import type { Db, Tx } from "./db.ts"

const folder = new URL("../../../migrations/", import.meta.url)
const lockKey = 7_286_151

/** How long a statement waits for others that use its table. */
const lockMsMax = 10_000
const lockNotAvailable = "55P03"

/**
 * Refuses `platform.migration_blocked` where another session uses a table that changes, and what `assertCurrent`
 * refuses.
 */
export async function migrate(db: Pick<Db, "transaction">, waitMsMax = lockMsMax): Promise<void> {
    try {
        await migrateAll(db, waitMsMax)
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === lockNotAvailable)) throw error
        refuse(
            "conflict",
            "platform.migration_blocked",
            "another session uses a table that this version changes: stop other servers and readers, then start again",
        )
    }
}

/**
 * Makes the tables of an older version in an empty database, to restore its backup. Refuses `platform.newer_database`
 * for a migration that this version does not know.
 */
export async function createTables(tx: Tx, names: readonly string[]): Promise<void> {
    const known = migrationNames()
    const other = names.find((name) => !known.includes(name))
    if (other !== undefined) refuseNewer(other)
    await createMigrations(tx)
    for (const name of names.toSorted()) await applyMigration(tx, name)
}

async function createMigrations(tx: Tx): Promise<void> {
    await tx.query(
        `create table if not exists migrations (
         name text primary key, sha256 text not null, at timestamptz not null default now())`,
    )
}

async function migrateAll(db: Pick<Db, "transaction">, waitMsMax: number): Promise<void> {
    await db.transaction(async (tx) => {
        // The pool cuts statements and idle transactions after seconds, as requests need it.
        await tx.query("set local statement_timeout = 0")
        await tx.query("set local idle_in_transaction_session_timeout = 0")
        await tx.query("select pg_advisory_xact_lock($1)", [lockKey])
        await tx.query(`set local lock_timeout = ${Math.floor(waitMsMax)}`)
        await createMigrations(tx)
        for (const name of migrationNames()) await applyMigration(tx, name)
        // A running server may have feeds in memory that this version's statements change.
        await tx.query(noteChangeSql(`'${everyPartner}'`))
        await assertKnowsAll(tx)
    })
}

/**
 * Checks the schema for commands that change no tables. Refuses `platform.older_database`, `platform.newer_database`
 * and `platform.migration_changed`.
 */
export async function assertCurrent(tx: Tx): Promise<void> {
    await assertKnowsAll(tx)
    for (const name of migrationNames()) {
        if (await isApplied(tx, name, textOf(name))) continue
        refuse(
            "conflict",
            "platform.older_database",
            `the database lacks \`${name}\`: start this version's \`tocsin serve\` first, which migrates it`,
        )
    }
}

/** Whether any version of this program has created its tables here. */
export async function isMigrated(tx: Tx): Promise<boolean> {
    const [row] = await tx.query<{ made: boolean }>("select to_regclass('migrations') is not null as made")
    return row?.made === true
}

/** Whether the schema has no table, view or sequence, of this program or another. */
export async function isEmpty(tx: Tx): Promise<boolean> {
    return (await tx.query("select from pg_class where relnamespace = current_schema()::regnamespace")).length === 0
}

export function migrationNames(): string[] {
    return fs
        .readdirSync(folder)
        .filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name))
        .toSorted()
}

const textOf = (name: string): string => fs.readFileSync(new URL(name, folder), "utf8")
const hashOf = (sql: string): string => createHash("sha256").update(sql).digest("hex")

async function applyMigration(tx: Tx, name: string): Promise<void> {
    const sql = textOf(name)
    if (await isApplied(tx, name, sql)) return
    await tx.query(sql)
    await tx.query("insert into migrations (name, sha256) values ($1, $2)", [name, hashOf(sql)])
}

async function isApplied(tx: Tx, name: string, sql: string): Promise<boolean> {
    const [applied] = await tx.query<{ sha256: string }>("select sha256 from migrations where name = $1", [name])
    if (applied && applied.sha256 !== hashOf(sql)) {
        refuse("conflict", "platform.migration_changed", `migration \`${name}\` was changed after it was applied`)
    }
    return applied !== undefined
}

async function assertKnowsAll(tx: Tx): Promise<void> {
    const known = new Set(migrationNames())
    const applied = await tx.query<{ name: string }>("select name from migrations order by name")
    const other = applied.find((row) => !known.has(row.name))
    if (other) refuseNewer(other.name)
}

function refuseNewer(name: string): never {
    refuse("conflict", "platform.newer_database", `the database has \`${name}\`: it belongs to a newer version`)
}
