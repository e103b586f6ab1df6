/**
 * Restores a backup into an empty database. The program that starts on it is in quarantine: it serves no partner until
 * two people have compared what was lost.
 */
import { randomUUID } from "node:crypto"
import type pg from "pg"
import type { Opener } from "@tocsin/client/open"
import { refuse } from "@tocsin/base/refusal"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { createTables, isEmpty } from "../../../../platform/postgres/migrate.ts"
import {
    type Table,
    connectForLong,
    beginLoad,
    listTables,
    rowsIn,
    txOf,
    writeLastValues,
    writeRows,
} from "../../../../platform/postgres/whole-tables.ts"
import { realNow } from "../../../../platform/time/clock.ts"
import { withdrawAfterRestore } from "../../../approvals/actions/void-approvals.ts"
import { endSessionsAfterRestore } from "../../../identity/actions/end-sign-ins.ts"
import { findNewestChange, insertQuarantine, restartQuarantine } from "../../store.ts"
import { type KeysOf, type Manifest, readArchive } from "./archive.ts"
import { assertRows, openFile } from "./read-backup.ts"

export interface RestoredBackup {
    readonly manifest: Manifest
    /** Tables in the backup that are not Tocsin's, and were not restored. */
    readonly skipped: readonly string[]
    readonly rows: number
}

/**
 * Restores all of a backup or nothing. Sessions, sign-in links and open approvals in it end.
 * Refuses `restore.not_empty`, `restore.other_tables`, `platform.newer_database`, and what `readArchive` refuses.
 */
export async function restoreBackup(
    { databaseUrl, keysOf }: { readonly databaseUrl: string; readonly keysOf: KeysOf },
    file: string,
    openers: readonly Opener[],
    signal?: AbortSignal,
): Promise<RestoredBackup> {
    const client = await connectForLong(databaseUrl)
    try {
        await client.query("begin")
        const restored = await restoreIn(client, keysOf, file, { openers, signal })
        signal?.throwIfAborted()
        await client.query("commit")
        // Statistics for the planner. Autovacuum would take minutes, and does it if this fails.
        await client.query("analyze").catch(() => undefined)
        return restored
    } finally {
        await client.end()
    }
}

async function restoreIn(
    client: pg.Client,
    keysOf: KeysOf,
    file: string,
    { openers, signal }: { readonly openers: readonly Opener[]; readonly signal: AbortSignal | undefined },
): Promise<RestoredBackup> {
    const tx = txOf(client)
    if (!(await isEmpty(tx))) refuse("conflict", "restore.not_empty", "this database is not empty: name an empty one")
    const counts = new Map<string, number>()
    const loads: Load[] = []
    const { rows, lastValues } = await readArchive(await openFile(file), openers, keysOf, {
        begin: async (manifest) => void loads.push(await startLoad(tx, manifest)),
        take: async ({ table, rows }) => {
            const counted = counting(rows, (count) => {
                signal?.throwIfAborted()
                counts.set(table, (counts.get(table) ?? 0) + count)
            })
            // In the order of the file's columns, which are known to be those of this version.
            const columns = loads[0]?.manifest.tables.find(({ name }) => name === table)?.columns ?? []
            const isOurs = loads[0]?.tables.some(({ name }) => name === table) === true
            if (isOurs) await writeRows(client, { name: table, columns }, counted)
            else for await (const _ of counted) continue
        },
    })
    const { manifest, tables, finish } = loads[0] ?? throwUnread()
    assertRows(rows, counts)
    const isOurs = (column: string) => tables.some(({ name }) => name === column.split(".")[0])
    await writeLastValues(tx, Object.fromEntries(Object.entries(lastValues).filter(([column]) => isOurs(column))))
    // Before the triggers are back: they would number these ends, and the numbers could differ from the file's.
    await endSessionsAfterRestore(tx, realNow())
    await withdrawAfterRestore(tx, realNow())
    await finish()
    await startQuarantine(tx)
    const skipped = manifest.tables
        .map(({ name }) => name)
        .filter((name) => !tables.some((table) => table.name === name))
    return { manifest, skipped, rows: [...counts.values()].reduce((sum, count) => sum + count, 0) }
}

interface Load {
    readonly manifest: Manifest
    readonly tables: readonly Table[]
    readonly finish: () => Promise<void>
}

/** Makes the tables of the backup's version. Names of tables and columns come from there, never from the file. */
async function startLoad(tx: Tx, manifest: Manifest): Promise<Load> {
    await createTables(tx, manifest.migrations)
    const tables = await listTables(tx)
    for (const { name, columns } of manifest.tables) {
        const table = tables.find((found) => found.name === name)
        if (table && table.columns.toSorted().join() !== columns.toSorted().join()) refuseOtherTables(name)
    }
    const missing = tables.find(({ name }) => !manifest.tables.some((table) => table.name === name))
    if (missing) refuseOtherTables(missing.name)
    return { manifest, tables, finish: await beginLoad(tx, tables) }
}

/** The first process compares the database with the high-water file, if there is one. */
async function startQuarantine(tx: Tx): Promise<void> {
    const id = randomUUID()
    if (await restartQuarantine(tx, id, "restored")) return
    const newest = await findNewestChange(tx)
    await insertQuarantine(tx, {
        id,
        since: realNow(),
        reasons: ["restored"],
        files: {},
        applied: [],
        number: newest?.number ?? 0,
    })
}

async function* counting(rows: AsyncIterable<Uint8Array>, count: (rows: number) => void): AsyncGenerator<Uint8Array> {
    for await (const part of rows) {
        count(rowsIn(part))
        yield part
    }
}

function refuseOtherTables(table: string): never {
    refuse(
        "conflict",
        "restore.other_tables",
        `table \`${table.slice(0, 63)}\` is not of this version: use the version of the backup`,
    )
}

function throwUnread(): never {
    throw new Error("a backup without a manifest was read")
}
