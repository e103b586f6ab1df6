/** Writes schema.sql: what all migrations come to, on a PostgreSQL that is thrown away. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { openDb } from "../server/src/platform/postgres/db.ts"
import { migrate } from "../server/src/platform/postgres/migrate.ts"
import { startPostgres } from "../server/src/platform/postgres/postgres.ts"
import { dumpSchema } from "../test/architecture/schema.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-schema-"))
const postgres = await startPostgres(folder, { fast: true })
try {
    const db = openDb(postgres.url)
    await migrate(db)
    fs.writeFileSync("server/migrations/schema.sql", await db.transaction(dumpSchema))
    await db.close()
} finally {
    await postgres.stop()
    fs.rmSync(folder, { recursive: true, force: true })
}
