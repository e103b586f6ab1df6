/** Vitest's global set-up: one private cluster per run, with a migrated template database. */
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import type { TestProject } from "vitest/node"
import { openDb } from "../../server/src/platform/postgres/db.ts"
import { migrate } from "../../server/src/platform/postgres/migrate.ts"
import { startPostgres } from "../../server/src/platform/postgres/postgres.ts"
import { checkChangeNotes } from "./change-notes.ts"
import { databaseAt, runSql } from "./sql.ts"

declare module "vitest" {
    export interface ProvidedContext {
        clusterUrl: string
    }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-test-"))
    const cluster = await startPostgres(folder, { fast: true })
    await runSql(cluster.url, "create database tocsin_template")
    const template = openDb(databaseAt(cluster.url, "tocsin_template"))
    await migrate(template)
    await template.close()
    await checkChangeNotes(databaseAt(cluster.url, "tocsin_template"))
    project.provide("clusterUrl", cluster.url)
    return async () => {
        await cluster.stop()
        fs.rmSync(folder, { recursive: true, force: true })
    }
}
