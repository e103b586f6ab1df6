/**
 * A real PostgreSQL for tests: one private cluster a run, one fresh database a file, made from a migrated template.
 *
 * `TEST_DATABASE_URL` (set by test/cluster.ts, vitest's global set-up) names the cluster.
 */
import { randomBytes, randomUUID } from "node:crypto"
import { inject } from "vitest"
import { type Db, openDb } from "../src/platform/db.ts"
import { databaseAt, runOn } from "./sql.ts"

export interface TestDatabase {
    readonly db: Db
    readonly url: string
    close(): Promise<void>
}

/** A database of one's own, migrated and empty. Close it in `afterAll`. */
export async function freshDatabase(): Promise<TestDatabase> {
    const admin = inject("clusterUrl")
    const name = `t${randomBytes(8).toString("hex")}`
    await runOn(admin, `create database ${name} template tocsin_template`)
    const url = databaseAt(admin, name)
    const db = openDb(url, { connectionsMax: 6, statementMsMax: 20_000 })
    return {
        db,
        url,
        close: async () => {
            await db.close()
            await runOn(admin, `drop database ${name} with (force)`)
        },
    }
}

export const newId = (): string => randomUUID()
