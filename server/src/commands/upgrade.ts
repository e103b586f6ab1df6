/**
 * Runs `tocsin upgrade check`: what this version will change in a database of an older one, and what to do first. It
 * reads only, and the older version can run meanwhile.
 */
import fs from "node:fs"
import path from "node:path"
import type { Command } from "commander"
import { dayMs, formatInstant, type Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { openLog } from "../platform/log/log.ts"
import { realNow } from "../platform/time/clock.ts"
import { loadNewestBackupAt } from "../trust/continuity/backups/actions/load-backups.ts"
import { isMigrated, migrationNames } from "../platform/postgres/migrate.ts"
import { type PlannedMigration, bytesNeeded, planUpgrade } from "../platform/postgres/upgrade-plan.ts"
import { oldestMajor } from "../platform/postgres/postgres-program.ts"
import type { Tx } from "../platform/postgres/db.ts"
import {
    type ProgramFlags,
    assertHasCluster,
    connectTo,
    settingsFrom,
    withProgramFlags,
    withRunningDatabase,
} from "./processes.ts"

interface Flags extends ProgramFlags {
    readonly json?: boolean
}

/** A reason not to upgrade yet, with what to do. */
interface Gap {
    readonly code: `upgrade.${"no_backup" | "old_backup" | "long_transactions" | "old_postgres" | "low_disk"}`
    readonly text: string
}

interface Findings {
    /** The newest migration of this program. */
    readonly newest: string
    readonly migrations: readonly PlannedMigration[]
    readonly lastBackupAt: string | null
    /** Connections of other processes to the database. */
    readonly connections: number
    /** Of PostgreSQL: `18.4`. */
    readonly postgres: string
    /** What rewritten tables need, and what is free. Null: a database elsewhere. */
    readonly disk: { readonly bytesNeeded: number; readonly bytesFree: number | null }
    readonly gaps: readonly Gap[]
}

/** Adds `tocsin upgrade` to the program. */
export function upgradeCommand(program: Command): void {
    const command = program.command("upgrade").description("Prepare the upgrade of a database to this version")
    withProgramFlags(
        command
            .command("check")
            .description(
                "Show what this version changes in the database, which tables it locks, and what is missing first",
            ),
    )
        .option("--json", "print one JSON object")
        .action(runCheck)
}

async function runCheck({ json = false, ...flags }: Flags): Promise<void> {
    const settings = settingsFrom(flags)
    assertHasCluster(settings)
    await withRunningDatabase(settings, openLog("warn"), async (url) => {
        const db = await connectTo(url)
        try {
            const bytesFree =
                settings.databaseUrl === null ? freeBytes(path.join(settings.dataDir, "postgres/cluster")) : null
            const findings = await db.transaction((tx) => findAll(tx, bytesFree))
            process.stdout.write(json ? `${JSON.stringify(findings)}\n` : textOf(findings))
            if (findings.gaps.length > 0) process.exitCode = 1
        } finally {
            await db.close()
        }
    })
}

function freeBytes(folder: string): number {
    const { bavail, bsize } = fs.statfsSync(folder)
    return bavail * bsize
}

async function findAll(tx: Tx, bytesFree: number | null): Promise<Findings> {
    await tx.query("set transaction read only")
    if (!(await isMigrated(tx))) refuse("missing", "serve.no_program", "no program here: run `tocsin init` first")
    const migrations = await planUpgrade(tx)
    const { connections, long } = await countSessions(tx)
    const now = realNow()
    const backupAt = await loadNewestBackupAt(tx, now)
    const lastBackupAt = backupAt === null ? null : formatInstant(backupAt)
    const disk = { bytesNeeded: bytesNeeded(migrations), bytesFree }
    const [row] = await tx.query<{ version: string }>("select current_setting('server_version') as version")
    const postgres = row?.version.split(" ")[0] ?? ""
    const waiting =
        migrations.length === 0 ? [] : [...backupGaps(now, backupAt), ...sessionGaps(long), ...diskGaps(disk)]
    const gaps = [...versionGaps(postgres), ...waiting]
    const newest =
        migrationNames()
            .at(-1)
            ?.replace(/\.sql$/, "") ?? ""
    return { newest, migrations, lastBackupAt, connections, postgres, disk, gaps }
}

const longSeconds = 10

async function countSessions(tx: Tx): Promise<{ readonly connections: number; readonly long: number }> {
    const [row] = await tx.query<{ connections: number; long: number }>(
        `select count(*)::int as connections,
         count(*) filter (where xact_start < clock_timestamp() - make_interval(secs => $1))::int as long
         from pg_stat_activity where datname = current_database()
         and pid <> pg_backend_pid() and backend_type = 'client backend'`,
        [longSeconds],
    )
    return row ?? { connections: 0, long: 0 }
}

function backupGaps(now: Instant, backupAt: Instant | null): Gap[] {
    const text = "make one with `tocsin backup`, which the former version can restore"
    if (backupAt === null) return [{ code: "upgrade.no_backup", text: `There is no backup: ${text}.` }]
    if (now - backupAt <= dayMs) return []
    return [{ code: "upgrade.old_backup", text: `The last backup is older than a day: ${text}.` }]
}

function sessionGaps(count: number): Gap[] {
    if (count === 0) return []
    const found = count === 1 ? "One session has" : `${count} sessions have`
    const text = `${found} a transaction open for over ${longSeconds} seconds, which can block a migration`
    return [{ code: "upgrade.long_transactions", text: `${text}: wait, or end it.` }]
}

function versionGaps(version: string): Gap[] {
    if (Number.parseInt(version, 10) >= oldestMajor) return []
    const text = `PostgreSQL ${version} is older than ${oldestMajor}, which this version needs`
    return [{ code: "upgrade.old_postgres", text: `${text}: upgrade PostgreSQL first.` }]
}

function diskGaps({ bytesNeeded: needed, bytesFree }: Findings["disk"]): Gap[] {
    if (bytesFree === null || bytesFree >= needed) return []
    const text = `The migrations can need ${mebibytes(needed)}, and the disk has ${mebibytes(bytesFree)} free`
    return [{ code: "upgrade.low_disk", text: `${text}: make room.` }]
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MiB`

function textOf({ newest, migrations, lastBackupAt, connections, postgres, disk, gaps }: Findings): string {
    if (migrations.length === 0 && gaps.length === 0)
        return `The database has each migration of this program, up to ${newest}.\n`
    const others = migrations.every(({ additive }) => additive)
        ? "Processes of the former version continue: restart them one after the other."
        : "Processes of the former version end after the migration."
    const lines = [
        `This program migrates the database up to ${newest}${migrations.length === 0 ? ", as it is." : ":"}`,
        ...migrations.flatMap(linesOf),
        "",
        `Other connections to the database: ${connections}. ${others}`,
        `Last backup: ${lastBackupAt ?? "none"}`,
        `PostgreSQL: ${postgres}. Needed: ${oldestMajor} or newer.`,
        `Disk for tables that are written again: ${mebibytes(disk.bytesNeeded)}. Free: ${
            disk.bytesFree === null ? "unknown, look at the database server" : mebibytes(disk.bytesFree)
        }.`,
        "",
        ...(gaps.length === 0
            ? ["Ready to upgrade."]
            : ["Not ready:", ...gaps.map((gap) => `  ${gap.text} (${gap.code})`)]),
    ]
    return `${lines.join("\n")}\n`
}

function linesOf({ name, purpose, additive, newTables, changedTables }: PlannedMigration): string[] {
    return [
        `  ${name}${additive ? " (additive)" : ""}: ${purpose}`,
        ...(newTables.length === 0 ? [] : [`    creates ${newTables.join(", ")}`]),
        ...changedTables.map(({ table, rows, bytes, rewrittenBytes }) => {
            const does = rewrittenBytes > 0 ? "locks and writes" : "locks"
            return `    ${does} ${table}: about ${rows} rows, ${Math.ceil(bytes / 1024)} KiB`
        }),
    ]
}
