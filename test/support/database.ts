/**
 * A real PostgreSQL for tests: one private cluster per run, one fresh database per file, copied from a migrated
 * template.
 *
 * `TEST_DATABASE_URL` (set by test/support/cluster.ts, vitest's global set-up) names the cluster.
 */
import { randomBytes, randomUUID } from "node:crypto"
import pg from "pg"
import { inject } from "vitest"
import { type Db, openDb } from "../../server/src/platform/postgres/db.ts"
import { databaseAt, runSql } from "./sql.ts"

const insufficientPrivilege = "42501"

export interface TestDatabase {
    readonly db: Db
    readonly name: string
    readonly url: string
    /** Ends the connections, and drops the database. */
    readonly close: () => Promise<void>
    /** Drops the database if `db` is already closed. */
    readonly drop: () => Promise<void>
}

/** Creates a database, migrated and empty, or a copy of another one without connections. */
export async function createDatabase(template = "tocsin_template"): Promise<TestDatabase> {
    const admin = inject("clusterUrl")
    const name = `t${randomBytes(8).toString("hex")}`
    await runSql(admin, `create database ${name} template ${template}`)
    const url = databaseAt(admin, name)
    const db = openDb(url, { connectionsMax: 6, statementMsMax: 20_000 })
    const drop = async () => await dropDatabase(admin, name)
    return {
        db,
        name,
        url,
        drop,
        close: async () => {
            await db.close()
            await drop()
        },
    }
}

/** Autovacuum may be connected. It is not our connection to end, and gives way to a plain drop. */
async function dropDatabase(admin: string, name: string): Promise<void> {
    try {
        await runSql(admin, `drop database ${name} with (force)`)
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === insufficientPrivilege)) throw error
        await runSql(admin, `drop database ${name}`)
    }
}

/** Runs work while no other process of the run does such work. */
export async function withClusterLock<T>(
    work: (query: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>) => Promise<T>,
): Promise<T> {
    const client = new pg.Client({ connectionString: inject("clusterUrl") })
    await client.connect()
    try {
        await client.query("select pg_advisory_lock(7286152)")
        return await work(
            async <Row>(text: string, values?: readonly unknown[]) =>
                (await client.query<object>(text, values as unknown[] | undefined)).rows as Row[],
        )
    } finally {
        await client.end()
    }
}

export const newId = (): string => randomUUID()
