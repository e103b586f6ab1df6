/**
 * Migrates the database to the schema of this version: numbered SQL, forward only, under one lock. So servers may start
 * together.
 *
 * A file whose first line is `-- additive` creates tables, columns with a default or indexes, and nothing that
 * withholds: older processes may ignore it. If all that are pending are additive, each has a transaction of its own.
 * Otherwise they have one together, because older processes end after it: if it fails, the older version still runs.
 *
 * A file that was changed after it was applied is refused. A migration may take any time. If a reader blocks it, it is
 * refused after some seconds, before other readers wait behind it.
 */
import { everyPartner, noteChangeSql } from "../../kernel/change-detection.ts"
import { createHash } from "node:crypto"
import fs from "node:fs"
import { refuse } from "@tocsin/base/refusal"
import type { Db, Tx } from "./db.ts"

const folder = new URL("../../../migrations/", import.meta.url)
/** A migration takes this advisory lock, and a backup shares it: each waits for the other. */
export const migrationLock = 7_286_151

/** How long a statement waits for others that use its table. */
const lockMsMax = 10_000
/** A lock was not available, or PostgreSQL ended a deadlock. */
const blockedCodes: readonly unknown[] = ["55P03", "40P01"]
const files = new Map(
    fs
        .readdirSync(folder)
        .filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name))
        .toSorted()
        // Read once: an upgrade in place replaces the files of a running process.
        .map((name) => [name, fs.readFileSync(new URL(name, folder), "utf8")]),
)

interface MigrateOptions {
    /** How long a statement waits for others that use its table: 10 seconds by default. */
    readonly waitMsMax?: number
    /** Called before each migration. `left` are the others. */
    readonly onStep?: (step: { readonly name: string; readonly left: number }) => void
    /** Called now and then while a migration runs or waits (null) for a backup or another process. */
    readonly onWait?: (wait: { readonly name: string | null; readonly ms: number }) => void
    /** Called after each migration. Its transaction can still fail. */
    readonly onEnd?: (step: { readonly name: string; readonly ms: number }) => void
    /** How often `onWait` is called: every 10 seconds by default. */
    readonly waitEveryMs?: number
}

/**
 * Refuses `platform.migration_blocked` where another session uses a table that changes, and what `listPending`
 * refuses.
 */
export async function migrate(db: Pick<Db, "transaction">, options: MigrateOptions = {}): Promise<void> {
    try {
        // The lock is taken only for work, because a backup can hold it for hours.
        if ((await db.transaction(listPending)).length === 0) return
        while (await db.transaction((tx) => applyNext(tx, options))) continue
    } catch (error) {
        if (!(error instanceof Error && "code" in error && blockedCodes.includes(error.code))) throw error
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
    // The statement locks out readers also where the column is there.
    const sql = "select from pg_attribute where attrelid = 'migrations'::regclass and attname = 'additive'"
    if ((await tx.query(sql)).length > 0) return
    await tx.query("alter table migrations add column additive boolean not null default false")
}

/** Applies what belongs into one transaction. False: nothing was pending. */
async function applyNext(tx: Tx, options: MigrateOptions): Promise<boolean> {
    const { waitMsMax = lockMsMax, onStep, onEnd } = options
    // The pool cuts statements and idle transactions after seconds, as requests need it.
    await tx.query("set local statement_timeout = 0")
    await tx.query("set local idle_in_transaction_session_timeout = 0")
    await timed(null, options, () => tx.query("select pg_advisory_xact_lock($1)", [migrationLock]))
    await tx.query(`set local lock_timeout = ${Math.floor(waitMsMax)}`)
    const pending = await listPending(tx)
    if (pending.length === 0) return false
    await createMigrations(tx)
    const together = pending.every((name) => isAdditive(textOf(name))) ? pending.slice(0, 1) : pending
    for (const [done, name] of together.entries()) {
        onStep?.({ name, left: pending.length - 1 - done })
        const ms = await timed(name, options, () => applyMigration(tx, name))
        onEnd?.({ name, ms })
    }
    // A running server may have feeds in memory that this version's statements change.
    await tx.query(noteChangeSql(`'${everyPartner}'`))
    return true
}

/** Returns how many milliseconds the work took. */
async function timed(
    name: string | null,
    { onWait, waitEveryMs = 10_000 }: MigrateOptions,
    work: () => Promise<unknown>,
): Promise<number> {
    const start = performance.now()
    const elapsedMs = () => Math.round(performance.now() - start)
    const timer = setInterval(() => onWait?.({ name, ms: elapsedMs() }), waitEveryMs)
    try {
        await work()
        return elapsedMs()
    } finally {
        clearInterval(timer)
    }
}

interface Applied {
    readonly name: string
    readonly sha256: string
    readonly additive: boolean
}

async function listApplied(tx: Tx): Promise<Applied[]> {
    if (!(await isMigrated(tx))) return []
    // Older databases lack the column.
    return await tx.query<Applied>(
        `select name, sha256, coalesce((to_jsonb(migrations) ->> 'additive')::boolean, false) as additive
         from migrations order by name`,
    )
}

/**
 * Lists the migrations of this version that the database lacks. Refuses `platform.newer_database` and
 * `platform.migration_changed`.
 */
export async function listPending(tx: Tx): Promise<string[]> {
    const applied = await listApplied(tx)
    const newer = newerOf(applied)
    if (newer !== undefined) refuseNewer(newer)
    const hashes = new Map(applied.map(({ name, sha256 }) => [name, sha256]))
    const names = migrationNames()
    const changed = names.find((name) => hashes.has(name) && hashes.get(name) !== hashOf(textOf(name)))
    if (changed !== undefined) {
        refuse("conflict", "platform.migration_changed", `migration \`${changed}\` was changed after it was applied`)
    }
    return names.filter((name) => !hashes.has(name))
}

/** Finds a migration that this version does not know and cannot run with. */
export async function findNewer(tx: Tx): Promise<string | undefined> {
    return newerOf(await listApplied(tx))
}

function newerOf(applied: readonly Applied[]): string | undefined {
    const known = new Set(migrationNames())
    return applied.find(({ name, additive }) => !additive && !known.has(name))?.name
}

/**
 * Checks the schema for commands that change no tables. Refuses `platform.older_database`, `platform.newer_database`
 * and `platform.migration_changed`.
 */
export async function assertCurrent(tx: Tx): Promise<void> {
    const [name] = await listPending(tx)
    if (name === undefined) return
    refuse(
        "conflict",
        "platform.older_database",
        `the database lacks \`${name}\`: start this version's \`tocsin serve\` first, which migrates it`,
    )
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

export const migrationNames = (): string[] => [...files.keys()]

/** The SQL of a migration. */
export const textOf = (name: string): string => files.get(name) ?? ""
const hashOf = (sql: string): string => createHash("sha256").update(sql).digest("hex")

/** Whether older processes may ignore a migration. */
export const isAdditive = (sql: string): boolean => sql.startsWith("-- additive\n")

async function applyMigration(tx: Tx, name: string): Promise<void> {
    const sql = textOf(name)
    await tx.query(sql)
    const values = [name, hashOf(sql), isAdditive(sql)]
    await tx.query("insert into migrations (name, sha256, additive) values ($1, $2, $3)", values)
}

/** Refuses `platform.newer_database`. */
export function refuseNewer(name: string): never {
    refuse(
        "conflict",
        "platform.newer_database",
        `the database has \`${name}\`: it belongs to a newer version, start that one`,
    )
}
