/**
 * A backup and a restore of a program, next to `pg_dump` and `pg_restore` of the same database, both compressed. A
 * backup is also encrypted, authenticated and read back. A restore also checks each row's count and each foreign key.
 */
import { execFile, execFileSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import type { Services } from "../server/src/kernel/services.ts"
import { connectForLong, listTables, readTable, txOf } from "../server/src/platform/postgres/whole-tables.ts"
import { restoreBackup } from "../server/src/trust/continuity/backups/actions/restore-backup.ts"
import { writeBackup } from "../server/src/trust/continuity/backups/actions/write-backup.ts"
import { databaseAt, runSql } from "../test/support/sql.ts"
import { type Figure, compareWithLimits, formatPercent, formatReading, measureSeconds, readingOf } from "./measure.ts"
import { addOperator, createPartners, startProgramWith, system } from "./program.ts"

const run = promisify(execFile)
const rounds = 3
/** Rows of 1 KiB that no compression makes smaller, as stored ciphertexts are. */
const ciphertexts = 25_000

async function createContent(services: Services): Promise<object> {
    const manager = await services.db.transaction(async (tx) =>
        addOperator({ tx, now: await services.clock.now(tx), actor: system, services }, "manager"),
    )
    await createPartners(services, manager, 200)
    return {}
}

async function addCiphertexts(databaseUrl: string): Promise<number> {
    const client = await connectForLong(databaseUrl)
    try {
        await client.query("create table ciphertexts (id int primary key, content bytea not null)")
        await client.query(
            `insert into ciphertexts select n, (select decode(string_agg(md5((n * 64 + i)::text), ''), 'hex')
             from generate_series(1, 64) i) from generate_series(1, ${ciphertexts}) n`,
        )
        let bytes = 0
        for (const table of await listTables(txOf(client)))
            for await (const piece of readTable(client, table)) bytes += piece.length
        return bytes
    } finally {
        await client.end()
    }
}

/** Runs work on an empty database, which is dropped afterwards. */
async function withEmpty(databaseUrl: string, work: (url: string) => Promise<unknown>): Promise<number> {
    await runSql(databaseUrl, "create database bench_restored")
    try {
        const url = databaseAt(databaseUrl, "bench_restored")
        return await measureSeconds(() => work(url))
    } finally {
        await runSql(databaseUrl, "drop database bench_restored with (force)")
    }
}

export async function measureBackups(): Promise<Figure> {
    const program = await startProgramWith(createContent)
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tocsin-bench-backup-"))
    try {
        const { databaseUrl } = program
        const megabytes = (await addCiphertexts(databaseUrl)) / 1e6
        const identity = await generateX25519Identity()
        const source = {
            databaseUrl,
            keys: program.services.keys,
            recipients: [await identityToRecipient(identity)],
        }
        const [file, dump] = [path.join(folder, "b.age"), path.join(folder, "b.dump")]
        const rate = (seconds: number) => megabytes / seconds
        const backUp = async () => {
            fs.rmSync(file, { force: true })
            return rate(await measureSeconds(() => writeBackup(source, file)))
        }
        const dumped = async () =>
            rate(await measureSeconds(() => run("pg_dump", ["-Fc", "-Z1", "-f", dump, databaseUrl])))
        const copied = async () =>
            rate(await measureSeconds(() => run("pg_dump", ["-Fp", "-f", path.join(folder, "b.sql"), databaseUrl])))
        const restored = async () =>
            rate(
                await withEmpty(databaseUrl, (url) =>
                    restoreBackup({ keysOf: () => source.keys, databaseUrl: url }, file, [identity]),
                ),
            )
        const loaded = async () =>
            rate(await withEmpty(databaseUrl, (url) => run("pg_restore", ["--no-owner", "-1", "-d", url, dump])))
        const written = await compareWithLimits(rounds, backUp, [dumped, copied])
        const read = await compareWithLimits(rounds, restored, [loaded])
        const [none, third] = [readingOf([]), 1 / 3]
        return {
            title: `Backup and restore of ${megabytes.toFixed(0)} MB of rows, as COPY writes them`,
            lines: [
                ["backups, encrypted and read back", formatReading(written.measured, "MB/s", 1)],
                ["pg_dump -Fc -Z1", formatReading(written.limits[0] ?? none, "MB/s", 1)],
                ["… of it", formatPercent(written.ratios[0] ?? none)],
                ["pg_dump without compression", formatReading(written.limits[1] ?? none, "MB/s", 1)],
                ["… of it", formatPercent(written.ratios[1] ?? none)],
                ["restores", formatReading(read.measured, "MB/s", 1)],
                ["pg_restore in one transaction", formatReading(read.limits[0] ?? none, "MB/s", 1)],
                ["… of it", formatPercent(read.ratios[0] ?? none)],
            ],
            target: {
                text: "a third of pg_dump -Z1, and of pg_restore",
                isMet: (written.ratios[0]?.median ?? 0) >= third && (read.ratios[0]?.median ?? 0) >= third,
            },
        }
    } finally {
        fs.rmSync(folder, { recursive: true, force: true })
        await program.stop()
    }
}

/** Whether this machine has the tools that are compared with. */
export function hasPgDump(): boolean {
    try {
        execFileSync("pg_dump", ["--version"])
        return true
    } catch {
        return false
    }
}
