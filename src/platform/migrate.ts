/**
 * Brings the database to the schema of this version: plain numbered SQL, forward only, each in a transaction
 * under one lock, so that servers may start together. A file that was applied and then edited is refused.
 */
import { createHash } from "node:crypto"
import fs from "node:fs"
import { refuse } from "../lib/refusal.ts"
import type { Db, Tx } from "./db.ts"

const folder = new URL("../../migrations/", import.meta.url)
const lockKey = 7_286_151

export async function migrate(db: Pick<Db, "transaction">): Promise<void> {
    await db.transaction(async (tx) => {
        await tx.query("select pg_advisory_xact_lock($1)", [lockKey])
        await tx.query(
            `create table if not exists migrations (
             name text primary key, sha256 text not null, at timestamptz not null default now())`,
        )
        for (const name of migrationNames()) await apply(tx, name)
        await mustKnowAll(tx)
    })
}

/** Whether a version of this program ever made its tables here. */
export async function isMigrated(tx: Tx): Promise<boolean> {
    const [row] = await tx.query<{ made: boolean }>("select to_regclass('migrations') is not null as made")
    return row?.made === true
}

export function migrationNames(): string[] {
    return fs
        .readdirSync(folder)
        .filter((name) => /^\d{4}-[a-z-]+\.sql$/.test(name))
        .toSorted()
}

async function apply(tx: Tx, name: string): Promise<void> {
    const sql = fs.readFileSync(new URL(name, folder), "utf8")
    const sha256 = createHash("sha256").update(sql).digest("hex")
    const [done] = await tx.query<{ sha256: string }>("select sha256 from migrations where name = $1", [name])
    if (done && done.sha256 !== sha256) {
        refuse("conflict", "platform.migration_changed", `migration \`${name}\` was changed after it was applied`)
    }
    if (done) return
    await tx.query(sql)
    await tx.query("insert into migrations (name, sha256) values ($1, $2)", [name, sha256])
}

async function mustKnowAll(tx: Tx): Promise<void> {
    const known = new Set(migrationNames())
    const applied = await tx.query<{ name: string }>("select name from migrations order by name")
    const other = applied.find((row) => !known.has(row.name))
    if (other) {
        refuse(
            "conflict",
            "platform.newer_database",
            `the database has \`${other.name}\`: it belongs to a newer version`,
        )
    }
}
