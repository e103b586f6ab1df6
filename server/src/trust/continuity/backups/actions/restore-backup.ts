/**
 * Restores a backup into an empty database. The program that starts on it is in quarantine: it serves no partner until
 * two people have compared what was lost.
 */
import { randomUUID } from "node:crypto"
import type pg from "pg"
import type { Opener } from "@tocsin/client/open"
import { refuse } from "@tocsin/base/refusal"
import type { Keys } from "../../../../platform/crypto/keys.ts"
import type { Tx } from "../../../../platform/postgres/db.ts"
import { createTables, isMigrated } from "../../../../platform/postgres/migrate.ts"
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
import { endSessionsAfterRestore } from "../../../identity/actions/end-sign-ins.ts"
import { findNewestChange, insertQuarantine, restartQuarantine } from "../../store.ts"
import { type Manifest, readArchive } from "./archive.ts"
import { assertRows, openFile } from "./read-backup.ts"

export interface RestoredBackup {
    readonly manifest: Manifest
    readonly rows: number
}

/**
 * Restores all of a backup or nothing. Sessions and sign-in links in it do not work any more; people sign in again.
 * Refuses `restore.not_empty`, `restore.other_tables`, `platform.newer_database`, and what `readArchive` refuses.
 */
export async function restoreBackup(
    { databaseUrl, keys }: { readonly databaseUrl: string; readonly keys: Keys },
    file: string,
    openers: readonly Opener[],
): Promise<RestoredBackup> {
    const client = await connectForLong(databaseUrl)
    try {
        await client.query("begin")
        const restored = await restoreIn(client, keys, file, openers)
        await client.query("commit")
        // Statistics for the planner. Autovacuum would take minutes.
        await client.query("analyze")
        return restored
    } finally {
        await client.end()
    }
}

async function restoreIn(
    client: pg.Client,
    keys: Keys,
    file: string,
    openers: readonly Opener[],
): Promise<RestoredBackup> {
    const tx = txOf(client)
    if (await isMigrated(tx)) refuse("conflict", "restore.not_empty", "this database has a program: name an empty one")
    const counts = new Map<string, number>()
    const loads: Load[] = []
    const { rows, lastValues } = await readArchive(await openFile(file), openers, keys, {
        begin: async (manifest) => void loads.push(await startLoad(tx, manifest)),
        take: async ({ table, rows }) => {
            const found = loads[0]?.tables.find(({ name }) => name === table) ?? refuseOtherTables(table)
            await writeRows(
                client,
                found,
                counting(rows, (count) => counts.set(table, (counts.get(table) ?? 0) + count)),
            )
        },
    })
    const { manifest, finish } = loads[0] ?? throwUnread()
    assertRows(rows, counts)
    await writeLastValues(tx, lastValues)
    // Before the triggers are back: they would number these ends, and the numbers could differ from the file's.
    await endSessionsAfterRestore(tx, realNow())
    await finish()
    await startQuarantine(tx)
    return { manifest, rows: [...counts.values()].reduce((sum, count) => sum + count, 0) }
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
    const described = (list: readonly Table[]) => list.map(({ name, columns }) => `${name}: ${columns.join(" ")}`)
    const known = new Set(described(tables))
    const other = described(manifest.tables).find((table) => !known.has(table))
    if (other !== undefined) refuseOtherTables(other.split(":")[0] ?? "")
    return { manifest, tables, finish: await beginLoad(tx, tables) }
}

/** The first process compares the database with the high-water file, if there is one. */
async function startQuarantine(tx: Tx): Promise<void> {
    if (await restartQuarantine(tx, "restored")) return
    const newest = await findNewestChange(tx)
    await insertQuarantine(tx, {
        id: randomUUID(),
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
